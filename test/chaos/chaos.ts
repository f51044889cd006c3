/** Kills processes at random moments under load, starts them again, and asks in the end whether all is well. */

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type EmbeddedServer, startEmbedded } from '../../src/db/embedded/start.ts';
import { migrate } from '../../src/db/migrate.ts';
import { clientOf } from '../support/client.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type Random, seeded } from '../support/random.ts';
import { check } from './check.ts';
import { keepShopping } from './clients.ts';
import type { History } from './history.ts';

export type ChaosOptions = { rounds: number; seed: number; say(line: string): void };

export type ChaosReport = {
  seed: number;
  rounds: number;
  payments: number;
  requests: number;
  kills: Record<string, number>;
  /** From each kill until both APIs took a payment again. */
  recoveryMs: { median: number; max: number };
  convergedMs: number;
  /** Empty when everything held. */
  findings: string[];
};

const CLIENTS = 6;
const CONVERGE_MS = 180_000;
const RECOVER_MS = 60_000;
const VICTIMS = ['api-1', 'api-2', 'worker-1', 'worker-2', 'simulator', 'postgres'] as const;

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const folder = await temporaryFolder('chaos');
  const postgres = await ownPostgres(join(folder.path, 'postgres'));
  try {
    const databaseUrl = postgres.server().url;
    const deployment = await deploy({ databaseUrl, dataDir: folder.path, apis: 2, workers: 2 });
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
  const { rounds, seed, say } = options;
  const random = seeded(seed);
  const history: History = { steps: [], seen: [] };
  const { apis, merchant, provider } = deployment;
  const clients = apis.map(({ url }) => clientOf(url, merchant.secretKey));
  await Promise.all(deployment.workers.map((worker) => worker.start()));
  const stop = new AbortController();
  const shopping = Array.from({ length: CLIENTS }, (_, n) =>
    keepShopping({
      history,
      provider,
      apis: clients,
      apiUrls: apis.map(({ url }) => url),
      random: seeded(seed * 1000 + n),
      stopping: stop.signal,
    }),
  );
  const done = Promise.all(shopping);
  const kills: Record<string, number> = {};
  const recoveries: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const killed = await Promise.race([killSome(random, deployment, postgres), failed(done)]);
    for (const name of killed.names) kills[name] = (kills[name] ?? 0) + 1;
    recoveries.push(killed.recoveryMs);
    say(
      `round ${round}: killed ${killed.names.join(' and ')}, back in ${killed.recoveryMs} ms; ${history.steps.length} requests`,
    );
  }
  stop.abort();
  await done;
  await provider.disarm();
  const convergedMs = await converge(deployment);
  const [api] = clients;
  const findings = api ? await check(api, provider, history) : ['there is no API'];
  const verified = await deployment.verify();
  if (verified.code !== 0)
    findings.push(`verify ended with ${verified.code}: ${verified.output.slice(-2000)}`);
  return {
    seed,
    rounds,
    payments: history.steps.filter((step) => step.kind === 'sale' || step.kind === 'reserve').length,
    requests: history.steps.length,
    kills,
    recoveryMs: summary(recoveries),
    convergedMs,
    findings,
  };
}

/** Clients end only when told to: one that fails before has found something. */
function failed(done: Promise<unknown>): Promise<never> {
  return done.then(() => new Promise<never>(() => undefined));
}

/** One of them, sometimes two at once; back after a while of its own. */
async function killSome(random: Random, deployment: Deployment, postgres: Postgres) {
  await delay(random.between(200, 1200));
  const first = random.pick(VICTIMS);
  const second = random.pick(VICTIMS);
  const names = random.chance(0.3) && second !== first ? [first, second] : [first];
  const begin = performance.now();
  await Promise.all(names.map((name) => kill(name, deployment, postgres)));
  await delay(random.between(0, 600));
  await bringBack(deployment, postgres);
  return { names, recoveryMs: Math.round(performance.now() - begin) };
}

async function kill(
  name: (typeof VICTIMS)[number],
  deployment: Deployment,
  postgres: Postgres,
): Promise<void> {
  if (name === 'postgres') return postgres.server().stop('immediate');
  const all = [...deployment.apis, ...deployment.workers, deployment.simulator];
  await all.find((one) => one.name === name)?.end('SIGKILL');
}

/** As a supervisor would: the database first, and whatever died without it once more. */
async function bringBack(
  { apis, workers, simulator, merchant }: Deployment,
  postgres: Postgres,
): Promise<void> {
  await postgres.revive();
  const until = performance.now() + RECOVER_MS;
  const everything = [simulator, ...apis, ...workers];
  while (!everything.every((one) => one.isRunning())) {
    if (performance.now() > until) throw new Error('not everything came back');
    await Promise.allSettled(everything.map((one) => one.start()));
  }
  for (const { url, name } of apis) {
    const api = clientOf(url, merchant.publishableKey);
    while ((await api.get('/health/ready').catch(() => ({ status: 0 }))).status !== 200) {
      if (performance.now() > until) throw new Error(`${name} does not become ready`);
      await delay(20);
    }
  }
}

/** Until no operation is scheduled any more; what waits for customers and merchants may wait on. */
async function converge({ databaseUrl }: Deployment): Promise<number> {
  const begin = performance.now();
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (;;) {
      const { rows } = await client.query(
        `select subject, tries, last_result from schedule where kind = 'operation'`,
      );
      const took = performance.now() - begin;
      if (rows.length === 0) return Math.round(took);
      if (took > CONVERGE_MS) throw new Error(`still unresolved: ${JSON.stringify(rows)}`);
      await delay(100);
    }
  } finally {
    await client.end();
  }
}

type Postgres = { server(): EmbeddedServer; revive(): Promise<void> };

/** With everything forced to disk, as in production. */
async function ownPostgres(dataDir: string): Promise<Postgres> {
  const start = async () => {
    const started = await startEmbedded({ dataDir, log: () => undefined });
    if (!started.ok) throw new Error(`${started.problem.message} ${started.problem.remedy}`);
    return started.value;
  };
  let server = await start();
  const folder = fileURLToPath(new URL('../../src/db/migrations', import.meta.url));
  const migrated = await migrate(server.url, { folder, now: Date.now });
  if (!migrated.ok) throw new Error(migrated.problem.message);
  return {
    server: () => server,
    revive: async () => {
      const { port } = server;
      if (!server.isAlive()) server = await start();
      if (server.port !== port)
        throw new Error('PostgreSQL came back on another port: somebody took its own');
    },
  };
}

function summary(times: number[]): { median: number; max: number } {
  const sorted = times.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, max: sorted.at(-1) ?? 0 };
}
