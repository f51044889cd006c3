/** The PostgreSQL of one simulation worker: nothing is forced to disk, and nothing runs there by itself. */

import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate } from '../../src/db/migrate.ts';
import { BY_INDEX, createPool, type Pool } from '../../src/db/pool.ts';
import { throwawayCluster } from '../support/cluster.ts';
import { administer } from '../support/database.ts';
import { inMemory } from '../support/folder.ts';
import { asQuery, send } from './statement.ts';

export type Server = {
  /** Statements of all simulated processes; and those of oracles, which nothing disturbs. */
  pool: Pool;
  commitPool: Pool;
  /** The same, with sessions enough for transactions that are open side by side. */
  apart: { pool: Pool; commitPool: Pool };
  url: string;
  /** As it was after the migrations, down to the order of rows on their pages. */
  reset(): Promise<void>;
  stop(): Promise<void>;
};

const MIGRATIONS = fileURLToPath(new URL('../../src/db/migrations', import.meta.url));

/** Of the cluster's files when a seed has grown large; twice that is asked for, since there are two workers. */
const ROOM_BYTES = 2_000_000_000;

const SETTINGS = [
  // Statistics that change by themselves would change plans, and with them the order of rows.
  'autovacuum = off',
  'enable_seqscan = off',
  'deadlock_timeout = 10',
  // The files may be in memory: the log must not take what a disk would have.
  "max_wal_size = '128MB'",
  "min_wal_size = '32MB'",
  // Nobody looks on: what is told to onlookers at each statement costs as much as a small one.
  'track_counts = off',
  'track_activities = off',
  'update_process_title = off',
];

const SESSIONS = 80;
const PATIENT = ['lock_timeout=0', 'statement_timeout=0', 'transaction_timeout=0'];

/**
 * The scheduler decides how long somebody waits; the clocks of PostgreSQL and of its client are not the virtual one. On
 * a machine that stands still for a while they would end a statement, and the seed's history would be another.
 */
function patientPool(url: string, name: string, max: number, settings: readonly string[] = []): Pool {
  const pool = createPool(url, { name, max, settings: [...PATIENT, ...settings] });
  Object.assign(pool.options, { query_timeout: 0, connectionTimeoutMillis: 0 });
  return pool;
}

export async function startServer(): Promise<Server> {
  const cluster = await throwawayCluster(inMemory(ROOM_BYTES));
  const { url, socketUrl } = cluster.server;
  const near = socketUrl ?? url;
  const migrated = await migrate(url, { folder: MIGRATIONS, now: () => 0 });
  if (!migrated.ok) throw new Error(`${migrated.problem.message} ${migrated.problem.remedy}`);
  for (const setting of SETTINGS) await administer(url, `alter system set ${setting}`);
  await administer(url, 'select pg_reload_conf()');
  const pool = patientPool(near, 'simulation', 2);
  const commitPool = patientPool(near, 'simulation commits', 1, BY_INDEX);
  const kept = [await keepOne(pool), await keepOne(commitPool)];
  const apart = {
    pool: patientPool(near, 'sessions', SESSIONS),
    commitPool: patientPool(near, 'sessions commits', SESSIONS, BY_INDEX),
  };
  const anew = await resetting(url);
  return {
    pool,
    commitPool,
    apart,
    url,
    reset: async () => {
      for (const text of anew) await pool.query(text);
    },
    stop: async () => {
      for (const client of kept) client.release();
      await Promise.all([pool, commitPool, apart.pool, apart.commitPool].map((each) => each.end()));
      await cluster.remove();
    },
  };
}

/** Statements go to one connection that is never given back: to take one for each costs more than a small statement. */
async function keepOne(pool: Pool): Promise<pg.PoolClient> {
  const client = await pool.connect();
  pool.query = asQuery((statement, values) => send(client, statement, values));
  return client;
}

/** New files for every table that a seed writes: what is left of the seed before must not order this one's rows. */
async function resetting(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind = 'r' and c.relname not like '%migrations%' order by 1`,
  );
  await client.end();
  return [
    `truncate ${rows.map(({ name }) => name).join(', ')} restart identity cascade`,
    `insert into event_consumers (name, system_identifier, xid, position)
      select 'merchant_webhooks', system_identifier, pg_snapshot_xmin(pg_current_snapshot()), 0
      from pg_control_system()`,
  ];
}
