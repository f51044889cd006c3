/**
 * The way to PostgreSQL of a simulated process: the statement waits for its turn, then runs on a real connection,
 * unless a fault comes between.
 *
 * Mostly a statement is one step, so one connection does for all processes, and one more for commits with their own
 * settings: what is prepared stays prepared. For transactions that meet each other see `sessions.ts`.
 */

import type { Pool } from '../../src/db/pool.ts';
import type { Rows } from '../../src/db/prepared.ts';
import type { Faults } from './faults.ts';
import type { Owner } from './owner.ts';
import type { Scheduler } from './scheduler.ts';
import type { Simulation } from './simulation.ts';
import { asQuery, type Statement } from './statement.ts';

export type Door = {
  /** Until when the database refuses the process, on the virtual clock. */
  refusedUntilMs: number;
};

/** Reads and writes through `real`; `ran` hears when a statement has had its effect. */
export function simulatedPool(
  simulation: Simulation,
  owner: Owner,
  door: Door,
  real: Pool,
  ran: () => void,
): Pool {
  const run = simulation.sessions === null ? atOnce : apart;
  const query = asQuery((statement) => run(simulation, owner, door, real, statement as Statement, ran));
  // The few transactions of several statements are the set-up's, not the run's.
  const connect = () => Promise.reject(new Error('no transaction of several statements is simulated'));
  return { query, connect } as unknown as Pool;
}

function atOnce(
  { scheduler, faults, due }: Simulation,
  owner: Owner,
  door: Door,
  real: Pool,
  statement: Statement,
  ran: () => void,
): Promise<Rows> {
  const name = `sql ${statement.name ?? statement.text.slice(0, 20)}`;
  return scheduler.step(owner, name, async () => {
    refuse(scheduler, faults, door);
    const result = (await real.query(statement)) as Rows;
    due.ran(statement.name ?? '', result.rowCount);
    ran();
    if (faults.hits('sql_lost_after')) throw lost();
    return result;
  });
}

async function apart(
  { scheduler, faults, sessions }: Simulation,
  owner: Owner,
  door: Door,
  real: Pool,
  statement: Statement,
  ran: () => void,
): Promise<Rows> {
  refuse(scheduler, faults, door);
  if (sessions === null) throw new Error('this simulation has no sessions');
  const result = await sessions.transaction(owner, real, statement, ran);
  if (faults.hits('sql_lost_after')) throw lost();
  return result;
}

function refuse(scheduler: Scheduler, faults: Faults, door: Door): void {
  if (faults.hits('sql_refused')) door.refusedUntilMs = scheduler.now() + faults.draw().between(100, 20_000);
  if (door.refusedUntilMs > scheduler.now()) throw failure('ECONNREFUSED', 'connect ECONNREFUSED');
  if (faults.hits('sql_lost_before')) throw lost();
  if (faults.hits('sql_serialization')) throw failure('40001', 'could not serialize access');
  if (faults.hits('sql_deadlock')) throw failure('40P01', 'deadlock detected');
}

function lost(): Error {
  return new Error('Connection terminated unexpectedly');
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
