/** A PostgreSQL primary with a synchronous standby, from the embedded binaries and with an operator's own commands. */

import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Account, accountFor, give, run } from '../../src/db/embedded/account.ts';
import { findBinaries } from '../../src/db/embedded/binaries.ts';
import { INITDB_ARGS, serverArgs } from '../../src/db/embedded/settings.ts';
import { createPool } from '../../src/db/pool.ts';
import { quietPort } from '../support/processes.ts';

export type Server = {
  port: number;
  start(): Promise<void>;
  /** As when the machine is gone: nothing is written any more, nobody is told. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  promote(): Promise<void>;
};

export type Pair = {
  primary: Server;
  standby: Server;
  /** Both hosts, as an operator gives them to every process. */
  url: string;
  urlOf(server: Server): string;
  stop(): Promise<void>;
};

const PASSWORD = 'drill';
/** The name by which the primary knows whom to wait for. */
const STANDBY = 'standby';
const SYNCHRONOUS_MS = 30_000;
const SYNCHRONOUS = ['-c', `synchronous_standby_names=${STANDBY}`];

type Place = { home: string; account: Account; folder: string };

/** `folder` is empty. Both run when it resolves, and the primary waits for its standby at every commit. */
export async function startPair(folder: string): Promise<Pair> {
  const account = orThrow(await accountFor(join(folder, 'primary')));
  const { home } = orThrow(await findBinaries(account));
  const place = { home, account, folder };
  await give(folder, account);
  await initialize(place);
  const alone = serverAt(place, 'primary', await quietPort(), []);
  // A copy of a server that is stopped is a base backup; with pg_basebackup at hand it need not stop.
  const standby = serverAt(place, 'standby', await quietPort(), ['-c', 'wal_retrieve_retry_interval=200ms']);
  await copyAsStandby(place, alone.port);
  await alone.start();
  await standby.start();
  await alone.stop();
  const primary = serverAt(place, 'primary', alone.port, SYNCHRONOUS);
  await primary.start();
  await untilSynchronous(urlOf(primary));
  return {
    primary,
    standby,
    urlOf,
    url: `postgres://truepenny:${PASSWORD}@127.0.0.1:${primary.port},127.0.0.1:${standby.port}/postgres?target_session_attrs=read-write`,
    stop: async () => {
      for (const server of [primary, standby]) await server.kill();
    },
  };
}

function urlOf({ port }: Pick<Server, 'port'>): string {
  return `postgres://truepenny:${PASSWORD}@127.0.0.1:${port}/postgres`;
}

/** Else a failover would lose nothing by luck. */
async function untilSynchronous(url: string): Promise<void> {
  const pool = createPool(url, { name: 'drill', max: 1 });
  try {
    for (const until = performance.now() + SYNCHRONOUS_MS; performance.now() < until; await delay(50)) {
      const { rows } = await pool.query(`select 1 from pg_stat_replication where sync_state = 'sync'`);
      if (rows.length === 1) return;
    }
    throw new Error('the primary does not wait for its standby');
  } finally {
    await pool.end();
  }
}

async function initialize({ home, account, folder }: Place): Promise<void> {
  const file = join(folder, 'password');
  await writeFile(file, PASSWORD, { mode: 0o600 });
  await give(file, account);
  const args = [...INITDB_ARGS, '--no-sync', `--pgdata=${join(folder, 'primary')}`, `--pwfile=${file}`];
  await must(run(join(home, 'bin', 'initdb'), args, account));
}

async function copyAsStandby({ account, folder }: Place, port: number): Promise<void> {
  const [from, to] = [join(folder, 'primary'), join(folder, 'standby')];
  await mkdir(to, { mode: 0o700 });
  await cp(from, to, { recursive: true });
  await writeFile(join(to, 'standby.signal'), '');
  const conninfo = `host=127.0.0.1 port=${port} user=truepenny password=${PASSWORD} application_name=${STANDBY}`;
  const settings = await readFile(join(to, 'postgresql.auto.conf'), 'utf8');
  await writeFile(join(to, 'postgresql.auto.conf'), `${settings}primary_conninfo = '${conninfo}'\n`);
  const names = await readdir(to, { recursive: true });
  for (const name of ['', ...names]) await give(join(to, name), account);
}

function serverAt({ home, account, folder }: Place, name: string, port: number, more: string[]): Server {
  const data = join(folder, name);
  const control = (...args: string[]) =>
    must(run(join(home, 'bin', 'pg_ctl'), ['-D', data, ...args], account));
  const options = [...serverArgs(port, false), ...more].map((part) => `'${part}'`).join(' ');
  return {
    port,
    start: () => control('-l', join(folder, `${name}.log`), '-w', '-o', options, 'start'),
    kill: () => control('-m', 'immediate', '-w', 'stop').catch(() => undefined),
    stop: () => control('-m', 'fast', '-w', 'stop'),
    promote: () => control('-w', 'promote'),
  };
}

async function must(running: Promise<{ code: number | null; output: string }>): Promise<void> {
  const { code, output } = await running;
  if (code !== 0) throw new Error(output);
}

function orThrow<T>(result: { ok: true; value: T } | { ok: false; problem: { message: string } }): T {
  if (result.ok) return result.value;
  throw new Error(result.problem.message);
}
