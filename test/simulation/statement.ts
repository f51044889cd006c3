/** What simulated processes ask PostgreSQL for, and how it can be done in steps. */

import type pg from 'pg';
import type { Pool } from '../../src/db/pool.ts';
import type { Owner } from './owner.ts';

export type Statement = { name?: string; text: string; values?: unknown[] };

export type Sessions = {
  /** One statement in a transaction of its own. `ran` hears when it is committed. */
  transaction(owner: Owner, real: Pool, statement: Statement, ran: () => void): Promise<pg.QueryResult>;
  /** The server notices that the process is no more: what it had open is undone. */
  bury(owner: Owner): Promise<void>;
};
