/** Reading a piece of the database as it was at one moment, so that a running system gives no false alarm. */

import type pg from 'pg';
import { type Pool, query, type Statement } from '../../db/pool.ts';

export type Read = <Row>(statement: Statement, values: unknown[]) => Promise<Row[]>;

/** One snapshot, read-only and short: a long one would hold up the horizon of digests and balances. */
export async function atOneMoment<T>(pool: Pool, work: (read: Read) => Promise<T>): Promise<T> {
  const client: pg.PoolClient = await pool.connect();
  let broken = true;
  try {
    await client.query('begin isolation level repeatable read read only');
    const result = await work((statement, values) => query(client, statement, values));
    await client.query('commit');
    broken = false;
    return result;
  } finally {
    client.release(broken);
  }
}
