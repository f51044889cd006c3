/**
 * The primary is gone, its synchronous standby is promoted, under load; nobody restarts anything. What was acknowledged
 * must be there once, whatever else was under way must come to an end.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { migrate } from '../../src/db/migrate.ts';
import { check } from '../chaos/check.ts';
import { converge } from '../chaos/converge.ts';
import { followWebhooks, misbehave } from '../chaos/killing.ts';
import { type Load, startLoad } from '../chaos/load.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { temporaryFolder } from '../support/folder.ts';
import { SECRET } from '../support/webhooks.ts';
import { type Pair, startPair } from './servers.ts';

export type DrillOptions = {
  /** Under load before the primary goes, and after the standby has taken over. */
  beforeMs: number;
  /** From the primary's end to the command that promotes: whoever watches takes as long to be sure. */
  noticedMs: number;
  seed: number;
  say(line: string): void;
};

export type DrillReport = {
  seed: number;
  payments: number;
  requests: number;
  /** Requests whose first sending came to nothing, and that were sent again with their key. */
  sentAgain: number;
  noticedMs: number;
  promotedMs: number;
  /** From the primary's end until every API took a payment again; the wait for whoever watches is in it. */
  withoutServiceMs: number;
  convergedMs: number;
  findings: string[];
};

const MIGRATIONS = fileURLToPath(new URL('../../src/db/migrations', import.meta.url));

export async function drillFailover(options: DrillOptions): Promise<DrillReport> {
  const folder = await temporaryFolder('drill');
  const databases = await temporaryFolder('drill-databases');
  const pair = await startPair(databases.path);
  try {
    const migrated = await migrate(pair.urlOf(pair.primary), { folder: MIGRATIONS, now: Date.now });
    if (!migrated.ok) throw new Error(migrated.problem.message);
    const deployment = await deploy({
      databaseUrl: pair.url,
      dataDir: folder.path,
      apis: 2,
      workers: 2,
      env: {
        TRUEPENNY_WEBHOOK_SECRETS: JSON.stringify({ 'simulator/default': [SECRET] }),
        TRUEPENNY_ALLOW_UNSAFE_DATABASE: '',
      },
    });
    try {
      return await failOver(options, pair, deployment);
    } finally {
      await deployment.stop();
    }
  } finally {
    await pair.stop();
    await folder.remove();
    await databases.remove();
  }
}

async function failOver(options: DrillOptions, pair: Pair, deployment: Deployment): Promise<DrillReport> {
  const { seed, say, beforeMs, noticedMs } = options;
  await Promise.all(deployment.workers.map((worker) => worker.start()));
  await followWebhooks(deployment);
  await misbehave(deployment, 0);
  const load = startLoad(deployment, seed);
  await Promise.race([delay(beforeMs), load.failed]);
  say(`the primary goes after ${load.history.steps.length} requests`);
  const begin = performance.now();
  const since = () => Math.round(performance.now() - begin);
  await pair.primary.kill();
  await delay(noticedMs);
  await pair.standby.promote();
  const promotedMs = since();
  say(`the standby is promoted after ${promotedMs} ms`);
  await Promise.race([Promise.all(deployment.apis.map((_, n) => load.sell(n))), load.failed]);
  const withoutServiceMs = since();
  say(`every API took a payment again after ${withoutServiceMs} ms`);
  await Promise.race([delay(beforeMs), load.failed]);
  await load.stop();
  const { tookMs: convergedMs, open } = await converge(deployment);
  const figures = { seed, noticedMs, promotedMs, withoutServiceMs, convergedMs, ...sizesOf(load) };
  return { ...figures, findings: [...open, ...(await findingsOf(load, deployment))] };
}

function sizesOf({ history }: Load): Pick<DrillReport, 'payments' | 'requests' | 'sentAgain'> {
  const { steps } = history;
  return {
    payments: steps.filter(({ kind }) => kind === 'sale' || kind === 'reserve').length,
    requests: steps.length,
    sentAgain: steps.reduce((sum, { sent, answers }) => sum + sent - answers.length, 0),
  };
}

async function findingsOf({ api, history }: Load, deployment: Deployment): Promise<string[]> {
  const findings = await check(api, deployment.provider, history);
  const verified = await deployment.verify();
  if (verified.code === 0) return findings;
  return [...findings, `verify ended with ${verified.code}: ${verified.output.slice(-2000)}`];
}
