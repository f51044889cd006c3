/** All payments in the order of their ids, piece by piece, with every row that belongs to them or to none. */

import { fromUuid, toUuid } from '../../core/ids.ts';
import type { Pool } from '../../db/pool.ts';
import {
  EVENTS_IN_RANGE,
  EXCEPTIONS_IN_RANGE,
  JOURNALS_IN_RANGE,
  PAYMENTS_IN_RANGE,
  PRIVATES_IN_RANGE,
  type PrivateRow,
  REFERENCES_BY_NAME,
  RESOURCES_BY_ID,
  type ReferenceRow,
  type ResourceRow,
  TIMERS_IN_RANGE,
  type VerifiedEvent,
  type VerifiedException,
  type VerifiedJournal,
  type VerifiedPayment,
  type VerifiedTimer,
} from '../../db/statements/verify.ts';
import { LIMITS } from '../../ops/limits.ts';
import { type Expected, expectedOf, type Owned, type PaymentRows, referenceKey } from './judge.ts';
import { atOneMoment, type Read } from './read.ts';

/** Ids after the first, up to and with the second. */
export type Range = { after: string; through: string };

export const EVERYTHING: Range = {
  after: '00000000-0000-0000-0000-000000000000',
  through: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
};

/** Rows of one table in one piece; a payment has some hundreds at most. */
const ROWS_AT_ONCE = LIMITS.verify.batch * 40;

export type Piece = {
  /** Up to where everything was read. */
  through: string;
  done: boolean;
  payments: PaymentRows[];
  /** What their events ask for in other tables; null where they cannot be followed. */
  expected: Map<string, Expected | null>;
  resources: Map<string, ResourceRow>;
  references: Map<string, ReferenceRow>;
};

/** More rows than a piece may have, between two payments or in one: no honest history is so long. */
export type Flood = { through: string; done: boolean; flooded: true };

/** The payment itself and nothing else. */
export function rangeOf(payment: string): Range {
  const uuid = toUuid(payment);
  return { after: neighbor(uuid, -1n), through: uuid };
}

/** The first id of the range. */
export function startOf({ after }: Range): string {
  return fromUuid('payment', neighbor(after, 1n));
}

function neighbor(uuid: string, step: bigint): string {
  const hex = BigInt.asUintN(128, BigInt(`0x${uuid.replaceAll('-', '')}`) + step)
    .toString(16)
    .padStart(32, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Reads the next piece; a smaller one where the payments have uncommonly many rows. */
export async function readPiece(pool: Pool, range: Range): Promise<Piece | Flood> {
  for (let size: number = LIMITS.verify.batch; ; size = Math.floor(size / 8)) {
    const piece = await atOneMoment(pool, (read) => readSome(read, range, Math.max(1, size)));
    if (!('flooded' in piece) || size <= 1) return piece;
  }
}

async function readSome(read: Read, range: Range, size: number): Promise<Piece | Flood> {
  const payments = await read<VerifiedPayment>(PAYMENTS_IN_RANGE, [range.after, range.through, size]);
  const last = payments.length === size ? payments.at(-1) : undefined;
  const through = last?.id ?? range.through;
  const done = through === range.through;
  const values = [range.after, through, ROWS_AT_ONCE];
  const events = await read<VerifiedEvent>(EVENTS_IN_RANGE, values);
  const privates = await read<PrivateRow>(PRIVATES_IN_RANGE, values);
  const journals = await read<VerifiedJournal>(JOURNALS_IN_RANGE, values);
  const timers = await read<VerifiedTimer>(TIMERS_IN_RANGE, values);
  const exceptions = await read<VerifiedException>(EXCEPTIONS_IN_RANGE, values);
  const lists = { events, privates, journals, timers, exceptions };
  if (Object.values(lists).some((list) => list.length >= ROWS_AT_ONCE))
    return { through, done, flooded: true };
  const grouped = group(payments, lists);
  const expected = new Map(grouped.filter(isOwned).map((rows) => [rows.id, expectedOf(rows)]));
  return { through, done, payments: grouped, expected, ...(await readExpected(read, expected)) };
}

type Lists = Pick<PaymentRows, 'events' | 'privates' | 'journals' | 'timers' | 'exceptions'>;

function group(payments: VerifiedPayment[], lists: Lists): PaymentRows[] {
  const byId = new Map<string, PaymentRows>();
  const rowsOf = (id: string) => {
    const known = byId.get(id);
    if (known) return known;
    const fresh = { id, payment: null, events: [], privates: [], journals: [], timers: [], exceptions: [] };
    byId.set(id, fresh);
    return fresh;
  };
  for (const payment of payments) rowsOf(payment.id).payment = payment;
  for (const row of lists.events) rowsOf(row.payment_id).events.push(row);
  for (const row of lists.privates) rowsOf(row.payment_id).privates.push(row);
  for (const row of lists.journals) rowsOf(row.payment_id).journals.push(row);
  for (const row of lists.timers) rowsOf(row.payment_id).timers.push(row);
  for (const row of lists.exceptions) rowsOf(row.payment_id).exceptions.push(row);
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function isOwned(rows: PaymentRows): rows is Owned {
  return rows.payment !== null;
}

async function readExpected(
  read: Read,
  expected: ReadonlyMap<string, Expected | null>,
): Promise<Pick<Piece, 'resources' | 'references'>> {
  const all = [...expected.values()].filter((e) => e !== null);
  const ids = all.flatMap((e) => e.resources.map((r) => r.id));
  const names = all.flatMap((e) => e.references);
  const resources = await read<ResourceRow>(RESOURCES_BY_ID, [ids]);
  const references = await read<ReferenceRow>(REFERENCES_BY_NAME, [
    names.map((n) => n.provider),
    names.map((n) => n.account),
    names.map((n) => n.reference),
  ]);
  return {
    resources: new Map(resources.map((r) => [r.id, r])),
    references: new Map(references.map((r) => [referenceKey(r), r])),
  };
}

export function paymentName(uuid: string): string {
  return fromUuid('payment', uuid);
}
