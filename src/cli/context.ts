/** What commands share: configuration, the database, an end by signal, problems with a remedy. */

import { fileURLToPath } from 'node:url';
import { checkAccounts } from '../connectors/registry.ts';
import { type Durability, durabilityProblem } from '../db/durability.ts';
import { startEmbedded } from '../db/embedded/start.ts';
import { hostsOf, primaryOf } from '../db/hosts.ts';
import { migrate } from '../db/migrate.ts';
import { createPool, type Pool, query } from '../db/pool.ts';
import { DURABILITY, ENSURE_PARTITIONS } from '../db/statements/server.ts';
import { type Config, readConfig } from '../ops/config.ts';
import { ConfigProblem } from '../ops/config-problem.ts';
import { LIMITS } from '../ops/limits.ts';
import { createLog, type Log } from '../ops/log.ts';
import { chainKey } from '../ops/secrets.ts';
import { realWorld, type World } from '../ops/world.ts';

/** Something that a person can put right: ends the command with its message and remedy, and no stack. */
export class Problem extends Error {
  readonly remedy: string;
  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** The command was given what it does not know, or not what it needs: nothing was done. The remedy is how to use it. */
export class WrongUse extends Problem {}

export type Database = {
  url: string;
  /** Restarts an embedded server that has died; does nothing for one that runs, or runs elsewhere. */
  revive(): Promise<void>;
  /** Null when it is not ours to stop. */
  stop: (() => Promise<void>) | null;
};

export function configuration(): Config {
  try {
    const config = readConfig(process.env);
    checkAccounts(config.providers);
    return config;
  } catch (error) {
    if (error instanceof ConfigProblem) throw new Problem(error.message, 'Set it right, or leave it out.');
    throw error;
  }
}

/** The database that the configuration names, or the embedded one, running. */
export async function openDatabase(config: Config, say: (message: string) => void): Promise<Database> {
  if (config.databaseUrl !== null)
    return { url: config.databaseUrl, revive: async () => undefined, stop: null };
  const start = async () => {
    const started = await startEmbedded({ dataDir: `${config.dataDir}/postgres`, log: say });
    if (!started.ok) throw new Problem(started.problem.message, started.problem.remedy);
    return started.value;
  };
  let server = await start();
  return {
    url: server.url,
    revive: async () => {
      if (!server.isAlive()) server = await start();
    },
    stop: () => server.stop('fast'),
  };
}

/** Schema, partitions, and a server that keeps what it acknowledges: before anything else is done. */
export async function prepareDatabase(url: string, config: Config): Promise<string[]> {
  await refuseUnsafe(url, config);
  const migrated = await migrate(await primaryOf(hostsOf(url)), {
    folder: fileURLToPath(new URL('../db/migrations', import.meta.url)),
    now: Date.now,
  });
  if (!migrated.ok) throw new Problem(migrated.problem.message, migrated.problem.remedy);
  const pool = createPool(url, { name: 'truepenny prepare', max: 1 });
  try {
    await query(pool, ENSURE_PARTITIONS, [new Date().toISOString(), LIMITS.database.partitionMonths]);
  } finally {
    await pool.end();
  }
  return migrated.value.applied;
}

/** Before the first payment is taken, and not only before the schema is changed: settings may change in between. */
export async function refuseUnsafe(url: string, config: Config): Promise<void> {
  const pool = createPool(url, { name: 'truepenny prepare', max: 1 });
  try {
    const [server] = await query<Durability>(pool, DURABILITY).catch(unreachable);
    const problem = server ? durabilityProblem(server, config.allowUnsafeDatabase) : null;
    if (problem) throw new Problem(problem.message, problem.remedy);
  } finally {
    await pool.end();
  }
}

function unreachable(error: unknown): never {
  const { message, code } = error as { message?: string; code?: string };
  throw new Problem(
    `The database cannot be used: ${message || code || 'nothing answers'}.`,
    'Check that it runs and that DATABASE_URL is right, then start again.',
  );
}

export type CommandContext = {
  pool: Pool;
  config: Config;
  world: World;
  log: Log;
  chainKey: Buffer;
  dataDir: string;
};

/** For commands that read and leave: the database is started if need be, and stopped again if we started it. */
export async function withDatabase(fn: (context: CommandContext) => Promise<number>): Promise<number> {
  const config = configuration();
  const database = await attachDatabase(config);
  const pool = createPool(database.url, { name: 'truepenny command', max: 4 });
  const { dataDir } = config;
  const log = createLog({ name: 'command', level: config.logLevel });
  try {
    return await fn({
      pool,
      config,
      world: realWorld(),
      log,
      chainKey: chainKey(dataDir, config.chainKeyHex),
      dataDir,
    });
  } finally {
    await pool.end();
    await database.stop?.();
  }
}

/** Like `openDatabase`, but a server that was running before stays so. */
export async function attachDatabase(
  config: Config,
): Promise<{ url: string; stop: (() => Promise<void>) | null }> {
  if (config.databaseUrl !== null) return { url: config.databaseUrl, stop: null };
  const started = await startEmbedded({
    dataDir: `${config.dataDir}/postgres`,
    log: (message) => console.error(message),
  });
  if (!started.ok) throw new Problem(started.problem.message, started.problem.remedy);
  return { url: started.value.url, stop: started.value.adopted ? null : () => started.value.stop('fast') };
}

/** Aborts at the first SIGINT or SIGTERM, or when the supervisor that started us is gone. A second signal ends at once. */
export function untilStopped(): AbortSignal {
  const controller = new AbortController();
  const supervised = process.env['TRUEPENNY_SUPERVISED'] === '1';
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    // An open pipe would keep the process alive after its work is done.
    if (supervised) process.stdin.destroy();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  if (supervised) process.stdin.once('end', () => controller.signal.aborted || stop()).resume();
  return controller.signal;
}

export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Turns "port in use" into what to do about it. */
export function portProblem(error: unknown, port: number, variable: string): unknown {
  const { code } = error as { code?: string };
  if (code === 'EADDRINUSE')
    return new Problem(
      `Port ${port} is in use by another program.`,
      `Stop it, or choose another port: ${variable}=${port + 1}`,
    );
  if (code === 'EACCES')
    return new Problem(
      `Port ${port} may not be used by this user.`,
      `Choose one above 1024: ${variable}=8080`,
    );
  return error;
}
