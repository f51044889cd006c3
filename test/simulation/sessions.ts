/**
 * The second way to PostgreSQL: each process has sessions of its own, and BEGIN, the statement and COMMIT are steps
 * apart. So transactions of several processes are open at once and meet each other's locks: who has to wait is found by
 * `pg_blocking_pids`, and the others go on until it need not wait any more.
 */

import type pg from 'pg';
import type { Pool } from '../../src/db/pool.ts';
import type { Rows } from '../../src/db/prepared.ts';

import type { Owner } from './owner.ts';
import type { Simulation } from './simulation.ts';
import { type Sessions, type Statement, send } from './statement.ts';

type Session = { client: pg.PoolClient; pid: number };

/** A statement that was sent: over once PostgreSQL has answered, and released in the order in which it was sent. */
type Sent = { pid: number; over: boolean; release(): void };

/** As the cluster is set: after it, one of those that wait for each other has been told so. */
const DEADLOCK_TIMEOUT_MS = 10;
const BLOCKED = 'select cardinality(pg_blocking_pids($1)) > 0 as blocked';

export function createSessions({ scheduler, due, bench }: Omit<Simulation, 'sessions'>): Sessions {
  const open = new Map<Owner, Set<Session>>();
  const sent = new Set<Sent>();

  async function begin(owner: Owner, real: Pool): Promise<Session> {
    const client = await real.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    await client.query('begin');
    const session = { client, pid: rows[0]?.pid ?? 0 };
    open.set(owner, (open.get(owner) ?? new Set()).add(session));
    return session;
  }

  /** Gives a promise in a box, since the step is over even when the statement is not. */
  async function start({ client, pid }: Session, statement: Statement): Promise<[Promise<Rows>]> {
    const { promise, resolve, reject } = Promise.withResolvers<Rows>();
    promise.catch(() => undefined);
    const one: Sent = { pid, over: false, release: () => undefined };
    const ended = (release: () => void) => Object.assign(one, { over: true, release });
    send(client, statement).then(
      (result) => ended(() => resolve(result)),
      (error) => ended(() => reject(error)),
    );
    sent.add(one);
    await settle();
    return [promise];
  }

  async function end(owner: Owner, session: Session, how: 'commit' | 'rollback'): Promise<void> {
    await session.client.query(how);
    open.get(owner)?.delete(session);
    session.client.release();
    await settle();
  }

  /** Until every statement that was sent is over, or waits for a lock that somebody holds. */
  async function settle(): Promise<void> {
    await answered();
    // A lock that is waited for may be a deadlock, which PostgreSQL finds out after a while.
    if ([...sent].some(({ over }) => !over)) {
      await pause(2 * DEADLOCK_TIMEOUT_MS);
      await answered();
    }
    for (const one of [...sent]) {
      if (!one.over) continue;
      sent.delete(one);
      one.release();
    }
  }

  async function answered(): Promise<void> {
    for (const one of sent) while (!one.over && !(await isBlocked(one.pid))) await pause(1);
  }

  async function isBlocked(pid: number): Promise<boolean> {
    const { rows } = await bench.server.pool.query<{ blocked: boolean }>(BLOCKED, [pid]);
    return rows[0]?.blocked ?? false;
  }

  return {
    async transaction(owner, real, statement, ran) {
      const name = `sql ${statement.name ?? statement.text.slice(0, 20)}`;
      const session = await scheduler.step(owner, `begin ${name}`, () => begin(owner, real));
      try {
        const [answer] = await scheduler.step(owner, name, () => start(session, statement));
        const result = await answer;
        await scheduler.step(owner, `commit ${name}`, async () => {
          await end(owner, session, 'commit');
          due.ran(statement.name ?? '', result.rowCount);
          ran();
        });
        return result;
      } catch (error) {
        await scheduler.step(owner, `rollback ${name}`, () => end(owner, session, 'rollback'));
        throw error;
      }
    },
    async bury(owner) {
      for (const session of open.get(owner) ?? []) {
        await bench.server.pool.query('select pg_cancel_backend($1)', [session.pid]);
        await end(owner, session, 'rollback');
      }
      open.delete(owner);
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
