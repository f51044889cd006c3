/**
 * The worker's side of replays: hands out the deliveries of one replay after another to the inbox, so many a second
 * over all workers together. What is handed out is processed like any delivery, and has its result on record with
 * that; who comes after a crash goes on behind the last one handed out.
 */

import { createHash } from 'node:crypto';
import { fromUuid, toUuid } from '../../core/ids.ts';
import { query } from '../../db/pool.ts';
import type { DueDelivery } from '../../db/statements/inbox.ts';
import { CLAIM_REPLAY, END_REPLAY, EVENTS_OF_CORRELATION, HAND_OUT } from '../../db/statements/replays.ts';
import { type FlowDeps, iso } from '../../flow/deps.ts';
import { LIMITS } from '../../ops/limits.ts';
import { namedTrace, type Trace } from '../../ops/trace.ts';

const TICK_MS = 1_000;

/** Runs until the signal aborts. */
export async function runReplays(deps: FlowDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await replayOnce(deps).catch((error: unknown) =>
      deps.log.warn({ err: error }, 'replays could not be worked on; it is tried again'),
    );
    await deps.world.sleep(TICK_MS, signal);
  }
}

/** Hands out what one second allows; gives how many, null when no replay is due. */
export async function replayOnce(deps: FlowDeps): Promise<number | null> {
  const now = deps.world.now();
  const claim = [iso(now), iso(now + TICK_MS)];
  const [claimed] = await query<{ replay_id: string }>(deps.pool, CLAIM_REPLAY, claim);
  if (!claimed) return null;
  const values = [claimed.replay_id, iso(now), LIMITS.inbox.replayPerSecond];
  const [handed] = await query<{ count: number }>(deps.pool, HAND_OUT, values);
  const count = handed?.count ?? 0;
  if (count === 0 && (await query(deps.pool, END_REPLAY, [claimed.replay_id])).length > 0)
    deps.log.info({ replay: fromUuid('replay', claimed.replay_id) }, 'a replay is finished');
  return count;
}

/** The name under which the events of one delivery in one replay are found, also after a crash in between. */
export function traceOfReplay(deps: FlowDeps, row: DueDelivery): Trace | undefined {
  return row.replay_id === null ? undefined : namedTrace(correlationOf(row.replay_id, row.id), deps.world);
}

/** The events that a replay of the delivery wrote to these payments: JSON for the record. */
export async function writtenByReplay(
  deps: FlowDeps,
  row: DueDelivery,
  payments: readonly string[],
): Promise<string> {
  if (row.replay_id === null || payments.length === 0) return '[]';
  const values = [payments.map(toUuid), correlationOf(row.replay_id, row.id)];
  type Written = { payment_id: string; version: number; type: string };
  const rows = await query<Written>(deps.pool, EVENTS_OF_CORRELATION, values);
  const events = rows.map(({ payment_id, version, type }) => ({
    payment: fromUuid('payment', payment_id),
    version,
    type,
  }));
  return JSON.stringify(events);
}

function correlationOf(replay: string, delivery: string): string {
  return createHash('sha256').update(`${replay} ${delivery}`).digest('hex').slice(0, 32);
}
