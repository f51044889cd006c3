/** Kills processes at random moments under load, starts them again, and asks in the end whether all is well. */

import { join } from 'node:path';
import { type Deployment, deploy } from '../support/deployment.ts';
import { temporaryFolder } from '../support/folder.ts';
import { seeded } from '../support/random.ts';
import { SECRET } from '../support/webhooks.ts';
import { check } from './check.ts';
import { converge, count } from './converge.ts';
import { followWebhooks, type Killed, killSome, misbehave, VICTIMS, type Victim } from './killing.ts';
import { startLoad } from './load.ts';
import { ownPostgres, type Postgres } from './postgres.ts';

export type ChaosOptions = {
  kills: number;
  seed: number;
  /** Share of the provider's webhooks that are never sent. */
  webhooksLost: number;
  /** No more is killed once it aborts; what is left is checked all the same. */
  enough?: AbortSignal;
  say(line: string): void;
};

export type ChaosReport = {
  seed: number;
  rounds: number;
  payments: number;
  requests: number;
  /** Requests that got no answer that counts and were sent again with their key. */
  sentAgain: number;
  /** Movements that the merchant never asked for: known by webhook alone. */
  dashboardRefunds: number;
  webhooksStored: number;
  kills: Record<string, number>;
  /** From bringing back what was killed until both APIs took a payment again. */
  recoveryMs: { median: number; p95: number; max: number };
  /** Recoveries that took ten seconds or more: on a machine that is busy otherwise they say little. */
  slowRecoveries: number;
  convergedMs: number;
  /** Empty when everything held. */
  findings: string[];
};

/** What recovery may take, by the issue that asked for it. */
const RECOVERED_MS = 10_000;
const ENV = {
  TRUEPENNY_WEBHOOK_SECRETS: JSON.stringify({ 'simulator/default': [SECRET] }),
  // The server forces everything to disk, so nothing has to be allowed.
  TRUEPENNY_ALLOW_UNSAFE_DATABASE: '',
};

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const folder = await temporaryFolder('chaos');
  const postgres = await ownPostgres(join(folder.path, 'postgres'));
  try {
    const databaseUrl = postgres.server().url;
    const deployment = await deploy({ databaseUrl, dataDir: folder.path, apis: 2, workers: 2, env: ENV });
    try {
      return await rage(options, deployment, postgres);
    } finally {
      await deployment.stop();
    }
  } finally {
    await postgres.server().stop('immediate');
    await folder.remove();
  }
}

async function rage(options: ChaosOptions, deployment: Deployment, postgres: Postgres): Promise<ChaosReport> {
  const { seed, say, webhooksLost, enough } = options;
  const random = seeded(seed);
  await Promise.all(deployment.workers.map((worker) => worker.start()));
  await followWebhooks(deployment);
  await misbehave(deployment, webhooksLost);
  const load = startLoad(deployment, seed);
  const { history, sell } = load;
  const killed: Killed[] = [];
  for (
    let left = options.kills;
    left > 0 && !enough?.aborted;
    left = options.kills - victimsOf(killed).length
  ) {
    const round = await Promise.race([
      killSome(random, { deployment, postgres, webhooksLost, sell }, left),
      load.failed,
    ]);
    killed.push(round);
    say(
      `${options.kills - left + round.names.length}/${options.kills}: killed ${round.names.join(' and ')}, back in ${round.recoveryMs} ms; ${history.steps.length} requests`,
    );
  }
  await load.stop();
  const converged = await converge(deployment);
  const findings = [...converged.open, ...(await check(load.api, deployment.provider, history))];
  const verified = await deployment.verify();
  if (verified.code !== 0)
    findings.push(`verify ended with ${verified.code}: ${verified.output.slice(-2000)}`);
  return {
    seed,
    rounds: killed.length,
    payments: history.steps.filter((step) => step.kind === 'sale' || step.kind === 'reserve').length,
    requests: history.steps.length,
    sentAgain: history.steps.reduce((sum, { sent, answers }) => sum + sent - answers.length, 0),
    dashboardRefunds: history.dashboard.length,
    webhooksStored: await count(deployment, 'select count(*)::int as n from inbox'),
    kills: Object.fromEntries(
      VICTIMS.map((name) => [name, victimsOf(killed).filter((v) => v === name).length]),
    ),
    recoveryMs: summary(killed.map((one) => one.recoveryMs)),
    slowRecoveries: killed.filter((one) => one.recoveryMs >= RECOVERED_MS).length,
    convergedMs: converged.tookMs,
    findings,
  };
}

function victimsOf(killed: Killed[]): Victim[] {
  return killed.flatMap(({ names }) => names);
}

function summary(times: number[]): ChaosReport['recoveryMs'] {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { median: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? 0 };
}
