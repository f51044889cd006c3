/** Starting a server over a cluster, waiting until it answers, stopping it. */

import { spawn } from 'node:child_process';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type Account, give } from './account.ts';
import type { Binaries } from './binaries.ts';
import type { Cluster } from './cluster.ts';
import { diagnose } from './diagnose.ts';
import { isAlive, type Postmaster, runningPostmaster } from './postmaster.ts';
import { failed, ok, type Result } from './problem.ts';
import { SERVER_ENV, serverArgs } from './settings.ts';

const POLL_MS = 20;
/** Recovery after a crash replays up to `max_wal_size`; a minute or two on a slow disk. */
const ANSWER_MS = 300_000;
const STOP_MS = 60_000;
const LOG_BYTES = 16 * 1024 * 1024;

/**
 * Starts `postgres` in a process group of its own: Ctrl-C reaches the whole group of the terminal, and the
 * API must be able to finish its payments before the database goes.
 */
export async function launch(
  cluster: Cluster,
  binaries: Binaries,
  account: Account,
  options: { port: number; throwaway: boolean },
): Promise<Result<Postmaster>> {
  const log = await openLog(cluster.log, account);
  const before = (await log.stat()).size;
  const socketFolder = options.throwaway ? socketFolderOf(cluster) : null;
  const args = ['-D', cluster.data, ...serverArgs(options.port, options.throwaway, socketFolder)];
  const child = spawn(join(binaries.home, 'bin', 'postgres'), args, {
    ...account,
    cwd: '/',
    env: SERVER_ENV,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  let spawnError = '';
  child.on('error', (error) => {
    spawnError = error.message;
  });
  child.unref();
  await log.close();
  const running = () => spawnError === '' && child.exitCode === null && child.signalCode === null;
  const answered = await untilItAnswers(cluster, options.port, running);
  if (answered !== 'gone') return answered;
  const printed = (await readFile(cluster.log)).subarray(before).toString();
  return diagnose(spawnError || printed, cluster.log);
}

/** Takes over a server that an earlier process left running; null when it ended meanwhile. */
export async function adopt(cluster: Cluster, found: Postmaster): Promise<Result<Postmaster> | null> {
  const running = () => runningPostmaster(cluster.data)?.pid === found.pid;
  // A lock file that was just written has no port yet: read it again once it has.
  while (running() && !runningPostmaster(cluster.data)?.port) await delay(POLL_MS);
  const port = runningPostmaster(cluster.data)?.port ?? found.port;
  const answered = await untilItAnswers(cluster, port, running);
  return answered === 'gone' ? null : answered;
}

export function urlOf(cluster: Cluster, port: number, database: string): string {
  return `postgresql://truepenny:${cluster.password}@127.0.0.1:${port}/${database}`;
}

/** Systems take no more than 103 to 107 bytes for a socket's path; a comma would begin another folder. */
const SOCKET_BYTES = 103;

/** Null where its path is too long. */
function socketFolderOf({ data }: Cluster): string | null {
  const path = join(data, '.s.PGSQL.65535');
  return Buffer.byteLength(path) > SOCKET_BYTES || path.includes(',') ? null : data;
}

/** Past the network, to a server that was launched as throwaway; null where it does not listen there. */
export function socketUrlOf(cluster: Cluster, port: number, database: string): string | null {
  const folder = socketFolderOf(cluster);
  if (folder === null) return null;
  const where = new URLSearchParams({ host: folder, port: String(port) });
  return `postgresql://truepenny:${cluster.password}@/${database}?${where}`;
}

/** `fast` ends sessions and writes a checkpoint; `immediate` is a crash, from which the next start recovers. */
export async function stopServer(pid: number, data: string, mode: 'fast' | 'immediate'): Promise<void> {
  if (runningPostmaster(data)?.pid !== pid) return;
  signal(pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  const deadline = performance.now() + STOP_MS;
  while (isAlive(pid)) {
    if (performance.now() > deadline) {
      if (mode === 'immediate')
        throw new Error(`PostgreSQL (process ${pid}) does not stop. End it with: kill -9 ${pid}`);
      return stopServer(pid, data, 'immediate');
    }
    await delay(POLL_MS);
  }
}

async function untilItAnswers(
  cluster: Cluster,
  port: number,
  running: () => boolean,
): Promise<Result<Postmaster> | 'gone'> {
  const deadline = performance.now() + ANSWER_MS;
  while (running()) {
    const found = runningPostmaster(cluster.data);
    // Without its lock file nothing of ours listens there, and the port may be somebody else's.
    if (found?.port === port && found.ready) {
      const answer = await ask(cluster, port);
      if (answer === 'ready') return ok(found);
      if (answer !== 'not yet') return wrongAnswer(answer, cluster, found);
    }
    if (performance.now() > deadline) return wrongAnswer('no answer in time', cluster, found);
    await delay(POLL_MS);
  }
  return 'gone';
}

/** Makes sure of the application's database on the way. */
async function ask(cluster: Cluster, port: number): Promise<'ready' | 'not yet' | string> {
  const client = new pg.Client({
    connectionString: urlOf(cluster, port, 'postgres'),
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => undefined); // the query that is under way reports it
  try {
    await client.connect();
    const { rows } = await client.query(`select 1 from pg_database where datname = 'truepenny'`);
    if (rows.length === 0) await client.query('create database truepenny');
    return 'ready';
  } catch (error) {
    return judge(error as { code?: string; message: string });
  } finally {
    await client.end().catch(() => undefined);
  }
}

function judge({ code, message }: { code?: string; message: string }): 'ready' | 'not yet' | string {
  // 42P04, 23505: another process has just created the database.
  if (code === '42P04' || code === '23505') return 'ready';
  const isRefusal = code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !/^(57P|08|EPIPE)/.test(code);
  return isRefusal ? message : 'not yet';
}

async function openLog(path: string, account: Account) {
  const size = await stat(path).then(
    (file) => file.size,
    () => 0,
  );
  if (size > LOG_BYTES) await rename(path, `${path}.1`);
  const log = await open(path, 'a', 0o600);
  await give(path, account);
  return log;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function wrongAnswer(answer: string, cluster: Cluster, found: Postmaster | null) {
  return failed(
    'postgresql_unusable',
    `PostgreSQL${found ? ` (process ${found.pid})` : ''} runs over ${cluster.data}, but cannot be used: ${answer}.`,
    `Stop it${found ? ` with "kill -INT ${found.pid}"` : ''} and start again; ${cluster.log} may tell more.`,
  );
}
