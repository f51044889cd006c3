/**
 * A change of endpoints, once: what it does and its answer commit together with the idempotency key, so one
 * key has one effect and one answer. A secret in an answer is stored encrypted.
 */

import type { PoolClient } from 'pg';
import { firstDifference } from '../../core/fingerprint.ts';
import { toUuid } from '../../core/ids.ts';
import { query } from '../../db/pool.ts';
import { ANSWER_KEY, RESERVE_KEY } from '../../db/statements/endpoints.ts';
import { type KeyRow, LOAD_KEY } from '../../db/statements/payments.ts';
import type { Reply } from '../../flow/caller.ts';
import { seal, unseal } from './secret.ts';
import type { Change, NotificationDeps } from './types.ts';

export type Effect = { status: number; body: { id?: string; secret?: string; [field: string]: unknown } };

/** `effect` runs in the transaction of the key; an answer that refuses undoes all of it, and the key is not used up. */
export async function once<Input>(
  deps: NotificationDeps,
  change: Change<Input>,
  effect: (client: PoolClient) => Promise<Effect>,
): Promise<Reply> {
  const client = await deps.pool.connect();
  try {
    await client.query('begin');
    const reply = await inTransaction(deps, change, effect, client);
    await client.query(reply.status < 400 && !reply.replayed ? 'commit' : 'rollback');
    client.release();
    return reply;
  } catch (error) {
    // The server ends the transaction with the connection, whatever state it is in.
    client.release(true);
    throw error;
  }
}

async function inTransaction<Input>(
  deps: NotificationDeps,
  change: Change<Input>,
  effect: (client: PoolClient) => Promise<Effect>,
  client: PoolClient,
): Promise<Reply> {
  const { merchant, mode } = change.principal;
  const name = [toUuid(merchant), mode, change.idempotencyKey];
  const now = new Date(deps.world.now()).toISOString();
  // Waits for another that is at it with the same key.
  const reserved = await query(client, RESERVE_KEY, [...name, change.fingerprint, now]);
  if (reserved.length === 0)
    return replay(deps, change.fingerprint, await query<KeyRow>(client, LOAD_KEY, name));
  const { status, body } = await effect(client);
  if (status >= 400) return { status, body };
  await query(client, ANSWER_KEY, [...name, status, JSON.stringify(stored(deps, body))]);
  return { status, body };
}

function replay(deps: NotificationDeps, fingerprint: string, [row]: KeyRow[]): Reply {
  if (row && row.fingerprint !== fingerprint)
    return deps.problem('idempotency_key_reused', {
      differs_in: firstDifference(row.fingerprint, fingerprint),
    });
  // Forgotten between the two statements.
  if (!row || row.answer === null || row.answer_status === null)
    return { ...deps.problem('idempotency_key_in_use'), retryAfterSeconds: 1 };
  return { status: row.answer_status, body: given(deps, row.answer), replayed: true };
}

/** The secret keeps its place, so that a replay has the very bytes of the first answer. */
function stored({ chainKey, world }: NotificationDeps, body: Effect['body']): object {
  if (body.secret === undefined || body.id === undefined) return body;
  return { ...body, secret: seal(chainKey, world, body.id, body.secret).toString('base64') };
}

function given({ chainKey }: NotificationDeps, answer: string): string {
  const body = JSON.parse(answer) as Effect['body'];
  if (body.secret === undefined || body.id === undefined) return answer;
  return JSON.stringify({ ...body, secret: unseal(chainKey, body.id, Buffer.from(body.secret, 'base64')) });
}
