/** Everything that a payment needs, as real processes over a fresh database that keeps what it acknowledges. */

import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { prepareDatabase } from '../../src/cli/context.ts';
import { demoCredentials } from '../../src/cli/credentials.ts';
import { type EmbeddedServer, startEmbedded } from '../../src/db/embedded/start.ts';
import { createPool, type Pool, query } from '../../src/db/pool.ts';
import { readConfig } from '../../src/ops/config.ts';
import { realWorld } from '../../src/ops/world.ts';
import { ANY_DIALECT_PORTS } from '../support/dialect-ports.ts';
import type { Processes } from './counters.ts';

/** How the provider answers: at once, after 0 to 20 ms, or over HTTP as the simulator. */
export type ProviderKind = 'instant' | 'delayed' | 'simulator';

export type Environment = {
  databaseUrl: string;
  /** For the benchmark's own questions. */
  pool: Pool;
  secretKey: string;
  /** Starts an API with this provider; `stop` before the next. */
  startApi(provider: ProviderKind): Promise<RunningApi>;
  /** Runs from the beginning. */
  worker: { start(): Promise<void>; stop(): Promise<void> };
  close(): Promise<void>;
};

export type RunningApi = { port: number; processes: Processes; stop(): Promise<void> };

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = join(ROOT, 'src/cli/truepenny.ts');
const IN_PROCESS = join(ROOT, 'test/perf/api-with-in-process-provider.ts');
const READY_MS = 20_000;

export async function startEnvironment(options: {
  say(message: string): void;
  /** A folder for CPU profiles of the API; null for none. */
  profileDir: string | null;
  /** Besides what the environment needs itself. */
  env?: Record<string, string>;
}): Promise<Environment> {
  const folder = await freshFolder();
  const database = await startDatabase(folder, options.say);
  const ports = { api: await freePort(), simulator: await freePort() };
  const env = {
    ...options.env,
    TRUEPENNY_DATA_DIR: folder,
    TRUEPENNY_PORT: String(ports.api),
    TRUEPENNY_SIMULATOR_PORT: String(ports.simulator),
    ...ANY_DIALECT_PORTS,
    DATABASE_URL: database.url,
  };
  const config = readConfig(env);
  await prepareDatabase(database.url, config);
  const pool = createPool(database.url, { name: 'bench', max: 2 });
  await query(pool, { name: 'bench_extension', text: 'create extension if not exists pg_stat_statements' });
  const { credentials } = await demoCredentials(pool, realWorld(), folder);
  const launch = (name: string, args: string[]) => launchProcess(join(folder, `${name}.log`), args, env);
  const simulator = await launch('simulator', [CLI, 'simulator']);
  let worker = await launch('worker', [CLI, 'worker']);
  await untilReady(ports.simulator, simulator);
  return {
    databaseUrl: database.url,
    pool,
    secretKey: credentials.secretKey,
    startApi: async (provider) => {
      const api = await launch('api', [...profiling(options.profileDir, provider), ...programOf(provider)]);
      await untilReady(ports.api, api);
      const others = [worker.child.pid ?? 0, simulator.child.pid ?? 0];
      return {
        port: ports.api,
        processes: { api: api.child.pid ?? 0, postmaster: database.pid, others },
        stop: () => stop(api),
      };
    },
    worker: {
      stop: () => stop(worker),
      start: async () => {
        worker = await launch('worker', [CLI, 'worker']);
      },
    },
    close: async () => {
      await pool.end();
      await Promise.all([stop(worker), stop(simulator)]);
      await database.stop('immediate');
      await rm(database.folder, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function programOf(provider: ProviderKind): string[] {
  switch (provider) {
    case 'instant':
      return [IN_PROCESS, '0'];
    case 'delayed':
      return [IN_PROCESS, '20'];
    case 'simulator':
      return [CLI, 'api'];
    default:
      return provider satisfies never;
  }
}

function profiling(dir: string | null, provider: ProviderKind): string[] {
  return dir === null
    ? []
    : ['--cpu-prof', `--cpu-prof-dir=${dir}`, `--cpu-prof-name=api-${provider}.cpuprofile`];
}

/** On the disk that production would use: a folder in memory would make every commit free. */
async function freshFolder(): Promise<string> {
  const parent = resolve('.truepenny');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'bench-'));
  await chmod(folder, 0o711);
  return folder;
}

/** As in production, with statement statistics on top, which take a restart. */
async function startDatabase(folder: string, say: (message: string) => void): Promise<EmbeddedServer> {
  const first = await startOnce(folder, say);
  const pool = createPool(first.url, { name: 'bench', max: 1 });
  await query(pool, {
    name: 'preload',
    text: `alter system set shared_preload_libraries = 'pg_stat_statements'`,
  });
  await pool.end();
  await first.stop('fast');
  return startOnce(folder, say);
}

async function startOnce(folder: string, say: (message: string) => void): Promise<EmbeddedServer> {
  const started = await startEmbedded({ dataDir: join(folder, 'postgres'), log: say });
  if (!started.ok) throw new Error(`${started.problem.message} ${started.problem.remedy}`);
  return started.value;
}

type Launched = { child: ChildProcess; logFile: string };

async function launchProcess(
  logFile: string,
  args: string[],
  env: Record<string, string>,
): Promise<Launched> {
  const log = await open(logFile, 'a');
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', log.fd, log.fd],
    env: { ...process.env, ...env },
  });
  await log.close();
  return { child, logFile };
}

async function untilReady(port: number, { child, logFile }: Launched): Promise<void> {
  const until = performance.now() + READY_MS;
  while (child.exitCode === null && performance.now() < until) {
    const ready = await fetch(`http://127.0.0.1:${port}/health/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    await delay(30);
  }
  throw new Error(
    `a process was not ready; its log ends with: ${(await readFile(logFile, 'utf8')).slice(-2000)}`,
  );
}

async function stop({ child }: Launched): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill('SIGTERM');
  await ended;
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer().once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}
