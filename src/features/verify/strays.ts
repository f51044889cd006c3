/** From the other side: rows of tables that are not kept by payment, which no payment knows. */

import { fromUuid, type IdKind } from '../../core/ids.ts';
import type { Pool } from '../../db/pool.ts';
import {
  KEYS_AFTER,
  type KeyOwnerRow,
  REFERENCES_AFTER,
  RESOURCES_AFTER,
  type ReferenceRow,
  type ResourceRow,
  UNKNOWN_TO_PAYMENT,
  UNSEEN_DELIVERIES,
  type UnseenRow,
} from '../../db/statements/verify.ts';
import { LIMITS } from '../../ops/limits.ts';
import { atOneMoment, type Read } from './read.ts';
import type { Collector } from './report.ts';
import { EVERYTHING } from './walk.ts';

const BATCH = LIMITS.verify.batch * 10;

export async function judgeStrays(pool: Pool, collector: Collector, signal: AbortSignal): Promise<void> {
  await inPieces(pool, signal, [EVERYTHING.after], (read, after) => resources(read, after, collector));
  await inPieces(pool, signal, ['', '', ''], (read, after) => references(read, after, collector));
  await inPieces(pool, signal, [EVERYTHING.after, '', ''], (read, after) => keys(read, after, collector));
  if (!signal.aborted) await atOneMoment(pool, (read) => deliveries(read, collector));
}

/** Gives the place of the last row, or null when there are no more. */
type PieceOf = (read: Read, after: string[]) => Promise<string[] | null>;

async function inPieces(pool: Pool, signal: AbortSignal, start: string[], piece: PieceOf): Promise<void> {
  let after: string[] | null = start;
  while (after !== null && !signal.aborted) {
    const from: string[] = after;
    after = await atOneMoment(pool, (read) => piece(read, from));
  }
}

async function resources(read: Read, after: string[], { found }: Collector): Promise<string[] | null> {
  const rows = await read<ResourceRow>(RESOURCES_AFTER, [...after, BATCH]);
  const named = rows.map((r) => ({ payment: r.payment_id, name: fromUuid(r.kind as IdKind, r.id) }));
  for (const { payment, name } of await unknown(read, named)) {
    found({
      invariant: 'ledger-follows-events',
      payment: fromUuid('payment', payment),
      what: `there is a resource row ${name}, which no event of the payment made`,
    });
  }
  const last = rows.length === BATCH ? rows.at(-1) : undefined;
  return last ? [last.id] : null;
}

async function references(read: Read, after: string[], { found }: Collector): Promise<string[] | null> {
  const rows = await read<ReferenceRow>(REFERENCES_AFTER, [...after, BATCH]);
  const named = rows.flatMap((r) => [
    // In the snapshot it stands as JSON.
    { payment: r.payment_id, name: JSON.stringify(r.reference), row: r },
    { payment: r.payment_id, name: JSON.stringify(r.subject), row: r },
  ]);
  for (const { payment, row } of await unknown(read, named)) {
    found({
      invariant: 'one-reference-one-attempt',
      payment: fromUuid('payment', payment),
      what: `there is a row of provider reference ${row.reference} for ${row.subject}, which no event of the payment made`,
    });
  }
  const last = rows.length === BATCH ? rows.at(-1) : undefined;
  return last ? [last.provider, last.account, last.reference] : null;
}

async function keys(read: Read, after: string[], { found }: Collector): Promise<string[] | null> {
  const rows = await read<KeyOwnerRow>(KEYS_AFTER, [...after, BATCH]);
  for (const row of rows) {
    if (row.known || row.payment_id === null) continue;
    found({
      invariant: 'one-key-one-effect',
      payment: fromUuid('payment', row.payment_id),
      what: `an idempotency key of ${fromUuid('merchant', row.merchant_id)} (${row.mode}) names the payment, which is gone`,
    });
  }
  const last = rows.length === BATCH ? rows.at(-1) : undefined;
  return last ? [last.merchant_id, last.mode, last.key] : null;
}

async function deliveries(read: Read, { found }: Collector): Promise<void> {
  for (const { inbox_id, what } of await read<UnseenRow>(UNSEEN_DELIVERIES, [BATCH])) {
    const delivery = fromUuid('webhook', inbox_id);
    const told =
      what === 'without'
        ? `delivery ${delivery} is set aside, and no open exception tells of it`
        : `an exception is open for delivery ${delivery}, which is done`;
    found({ invariant: 'nothing-vanishes', payment: null, what: told });
  }
}

async function unknown<Named extends { payment: string; name: string }>(
  read: Read,
  named: Named[],
): Promise<Named[]> {
  const values = [named.map((n) => n.payment), named.map((n) => n.name)];
  const places = await read<{ n: number }>(UNKNOWN_TO_PAYMENT, values);
  return places.flatMap(({ n }) => named[n - 1] ?? []);
}
