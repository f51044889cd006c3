/**
 * A change beside the money, once: what it does and its answer commit together with the idempotency key, so one
 * key has one effect and one answer. Money has its own way (`handle`).
 */

import type { PoolClient } from 'pg';
import type { ErrorCode } from '../core/errors.ts';
import { firstDifference } from '../core/fingerprint.ts';
import { toUuid } from '../core/ids.ts';
import { type Pool, query } from '../db/pool.ts';
import { ANSWER_KEY, RESERVE_KEY } from '../db/statements/endpoints.ts';
import { type KeyRow, LOAD_KEY } from '../db/statements/payments.ts';
import type { World } from '../ops/world.ts';
import type { Principal, Reply } from './caller.ts';

export type OnceDeps = {
  pool: Pool;
  world: World;
  problem: (code: ErrorCode, more?: object) => { status: number; body: object };
};

/** A POST: validated, authenticated, with its idempotency key. */
export type Change<Input> = {
  principal: Principal;
  idempotencyKey: string;
  fingerprint: string;
  input: Input;
};

export type Effect<Body extends object = object> = { status: number; body: Body };

/** How an answer is kept, where it holds what may not lie in the database as it is. */
export type Keeping<Body extends object> = { stored(body: Body): object; given(answer: string): string };

/** `effect` runs in the transaction of the key; an answer that refuses undoes all of it, and the key is not used up. */
export async function once<Input, Body extends object>(
  deps: OnceDeps,
  change: Change<Input>,
  effect: (client: PoolClient) => Promise<Effect<Body>>,
  keeping: Keeping<Body> = { stored: (body) => body, given: (answer) => answer },
): Promise<Reply> {
  const client = await deps.pool.connect();
  try {
    await client.query('begin');
    const reply = await inTransaction(deps, change, () => effect(client), keeping, client);
    await client.query(reply.status < 400 && !reply.replayed ? 'commit' : 'rollback');
    client.release();
    return reply;
  } catch (error) {
    // The server ends the transaction with the connection, whatever state it is in.
    client.release(true);
    throw error;
  }
}

async function inTransaction<Input, Body extends object>(
  deps: OnceDeps,
  change: Change<Input>,
  effect: () => Promise<Effect<Body>>,
  keeping: Keeping<Body>,
  client: PoolClient,
): Promise<Reply> {
  const { merchant, mode } = change.principal;
  const name = [toUuid(merchant), mode, change.idempotencyKey];
  const now = new Date(deps.world.now()).toISOString();
  // Waits for another that is at it with the same key.
  const reserved = await query(client, RESERVE_KEY, [...name, change.fingerprint, now]);
  if (reserved.length === 0)
    return replay(deps, change.fingerprint, keeping, await query<KeyRow>(client, LOAD_KEY, name));
  const { status, body } = await effect();
  if (status >= 400) return { status, body };
  await query(client, ANSWER_KEY, [...name, status, JSON.stringify(keeping.stored(body))]);
  return { status, body };
}

function replay<Body extends object>(
  deps: OnceDeps,
  fingerprint: string,
  { given }: Keeping<Body>,
  [row]: KeyRow[],
): Reply {
  if (row && row.fingerprint !== fingerprint)
    return deps.problem('idempotency_key_reused', {
      differs_in: firstDifference(row.fingerprint, fingerprint),
    });
  // Forgotten between the two statements.
  if (!row || row.answer === null || row.answer_status === null)
    return { ...deps.problem('idempotency_key_in_use'), retryAfterSeconds: 1 };
  return { status: row.answer_status, body: given(row.answer), replayed: true };
}
