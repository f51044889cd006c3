/** What simulated processes ask PostgreSQL for, and how it can be done in steps. */

import type pg from 'pg';
import type { Pool } from '../../src/db/pool.ts';
import type { PreparedQuery, Rows } from '../../src/db/prepared.ts';
import type { Owner } from './owner.ts';

/** As it comes to `pool.query`: prepared by the product, or a text. */
export type Statement = PreparedQuery | { name?: string; text: string; values?: unknown[] };

export type Sessions = {
  /** One statement in a transaction of its own. `ran` hears when it is committed. */
  transaction(owner: Owner, real: Pool, statement: Statement, ran: () => void): Promise<Rows>;
  /** The server notices that the process is no more: what it had open is undone. */
  bury(owner: Owner): Promise<void>;
};

type Done = (error: Error | null, result?: Rows) => void;

export function send(
  client: pg.PoolClient,
  statement: Statement | string,
  values?: unknown[],
): Promise<Rows> {
  const { promise, resolve, reject } = Promise.withResolvers<Rows>();
  const done: Done = (error, result) => (error ? reject(error) : resolve(result as Rows));
  const query = client.query.bind(client) as (what: typeof statement, values: unknown, done: Done) => void;
  query(statement, values, done);
  return promise;
}

/** As `pool.query` is: with a promise, or with somebody to tell. */
export function asQuery(
  work: (statement: Statement | string, values?: unknown[]) => Promise<Rows>,
): Pool['query'] {
  const query = (statement: Statement | string, values?: unknown[], done?: Done) => {
    const result = work(statement, values);
    if (done === undefined) return result;
    result.then((rows) => done(null, rows), done);
    return undefined;
  };
  return query as Pool['query'];
}
