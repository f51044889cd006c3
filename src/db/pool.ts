/** Connections to PostgreSQL, all with the same settings. */

import pg from 'pg';
import { LIMITS } from '../ops/limits.ts';
import { followingPrimary, hostsOf } from './hosts.ts';
import { PreparedQuery, type Rows, type Statement, type StatementParameters } from './prepared.ts';

export type { Statement } from './prepared.ts';
export type Pool = pg.Pool;

/**
 * `force_generic_plan`: with `auto`, plans made on an almost empty database stay on while it grows, and
 * throughput fell from 7,360 to 4,540 commits a second within 8 s (measured for the design).
 */
const SETTINGS = [
  'plan_cache_mode=force_generic_plan',
  'jit=off',
  'timezone=UTC',
  `statement_timeout=${LIMITS.commit.statementTimeoutMs}`,
  `lock_timeout=${LIMITS.commit.lockTimeoutMs}`,
  `transaction_timeout=${LIMITS.database.transactionTimeoutMs}`,
];

export function createPool(
  url: string,
  options: { max?: number; name: string; settings?: readonly string[] },
): Pool {
  const hosts = hostsOf(url);
  const pool = new pg.Pool({
    connectionString: hosts[0],
    ...(hosts.length > 1 ? followingPrimary(hosts) : {}),
    max: options.max ?? LIMITS.database.poolSize,
    connectionTimeoutMillis: LIMITS.database.connectTimeoutMs,
    application_name: options.name,
    // A machine that is gone says nothing: without these a connection to it is held for a quarter of an hour.
    keepAlive: true,
    keepAliveInitialDelayMillis: LIMITS.database.keepAliveMs,
    query_timeout: LIMITS.database.queryTimeoutMs,
    options: [...SETTINGS, ...(options.settings ?? [])].map((setting) => `-c ${setting}`).join(' '),
  });
  // An idle connection that the server closed is replaced at the next use; without a listener it would end us.
  pool.on('error', () => undefined);
  return pool;
}

/**
 * Rows are looked up by index, one by one: plans are made while the tables are empty and are kept, and what is cheap
 * then (reading a table from end to end, for a hash or beside each row) costs more with every payment.
 */
export const BY_INDEX = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'enable_material'].map(
  (name) => `${name}=off`,
);

/** For the commit statement alone, as many connections as groups are in flight: no commit waits behind reads. */
export function createCommitPool(url: string, name: string): Pool {
  return createPool(url, { name, max: LIMITS.commit.groupsInFlight, settings: BY_INDEX });
}

/** `bigint[]`; its object id is fixed in PostgreSQL's catalogue, and node-postgres names no arrays. */
const INT8_ARRAY = 1016;

/** bigint as number: amounts are at most 2^53 − 1, refused beyond at the edge; sums come as numeric text. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(INT8_ARRAY as number as Parameters<typeof pg.types.setTypeParser>[0], (text: string) =>
  text.slice(1, -1).split(',').map(Number),
);
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => new Date(text).toISOString());
/** Events and snapshots are hashed and compared as the bytes that are stored. */
pg.types.setTypeParser(pg.types.builtins.JSON, (text) => text);

/** Runs a prepared statement; the rows have the shape that its text says. */
export async function query<Row>(
  pool: Pool | pg.PoolClient,
  statement: Statement,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  return (await runStatement<Row>(pool, statement, { values })).rows;
}

/** The same, with its parameters as `StatementParameters` says; and the count of the rows that it gave or changed. */
export function runStatement<Row>(
  pool: Pool | pg.PoolClient,
  statement: Statement,
  parameters: StatementParameters,
): Promise<Rows<Row>> {
  const { promise, resolve, reject } = Promise.withResolvers<Rows<Row>>();
  const settle = (error: Error | null, result?: Rows<Row>) =>
    error ? reject(error) : resolve(result as Rows<Row>);
  // Typed for texts alone; node-postgres hands what has a `submit` on as it is.
  const send = pool.query.bind(pool) as unknown as (
    query: PreparedQuery,
    values: undefined,
    done: typeof settle,
  ) => void;
  send(new PreparedQuery(statement, parameters), undefined, settle);
  return promise;
}
