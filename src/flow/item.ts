/** From a decision to what is written for it: events, snapshot, journals, timers, references, exceptions. */

import { toUuid } from '../core/ids.ts';
import { amounts, pendingCaptures, pendingRefunds, status } from '../core/payment/summary.ts';
import { type Timer, timers } from '../core/payment/timers.ts';
import type { Event, State } from '../core/payment.ts';
import type { Part } from '../db/statements/commit.ts';
import { chainHash, commitmentOf, GENESIS } from './chain.ts';
import { bytesOf, encode, partsOf, type Rows } from './parameters.ts';
import { emptyLists, type Lists, sideRecords } from './records.ts';

/** Where a stream stands: the version and hash of its latest event, and the state after it. */
export type Position = { version: number; head: Buffer; state: State | null };

export const NOWHERE: Position = { version: 0, head: GENESIS, state: null };

export type StreamChange = {
  payment: string;
  mode: 'test' | 'live';
  before: Position;
  events: Event[];
  after: State;
  /** Private part of the event at the index, kept beside it. */
  secret: { index: number; data: object } | null;
  correlation: string;
};

export type KeyChange = {
  merchant: string;
  mode: 'test' | 'live';
  key: string;
  /** Set on the first commit of a request; null when the row is there already. */
  reserve: { fingerprint: string; ids: Record<string, string> } | null;
  answer: Answer | null;
};

/** What the caller gets. A replay is read from the database as the same bytes. */
export type Answer = { status: number; body: object };

const ISO_LENGTH = new Date(0).toISOString().length;

export type Intent = { stream: StreamChange | null; key: KeyChange | null };

/** One item as the commit statement takes it; its place in the group is filled in there. */
export type Item = {
  /** At most one item of a stream, and one of a key, in a group. */
  stream: string | null;
  key: string | null;
  /** Id of the first event: found at the expected next version, the item is committed. */
  firstEvent: string | null;
  firstVersion: number;
  /** Bytes that it brings; bounds the group. */
  size: number;
  parts: ReadonlySet<Part>;
  rows: Rows;
  position: Position | null;
};

export type ItemContext = {
  chainKey: Buffer;
  now: number;
  /** The id of an event, as a UUID. */
  mintEvent: () => string;
  randomBytes: (length: number) => Uint8Array;
  /** When the timer is due; `event` is what made it due anew, null when the timer itself is new. */
  dueAt: (timer: Timer, event: Event['type'] | null) => number;
};

export function itemOf(intent: Intent, context: ItemContext): Item {
  const { stream, key } = intent;
  const lists = emptyLists();
  const position = stream ? streamRecords(stream, lists, context) : null;
  const [first] = lists.events as { id: string }[];
  lists.items.push({
    ...(stream && position ? snapshot(stream, position) : {}),
    ...keyRecord(key),
    now: iso(context.now),
  });
  const rows = encode(lists);
  return {
    stream: stream?.payment ?? null,
    key: key ? `${key.merchant} ${key.mode} ${key.key}` : null,
    firstEvent: first?.id ?? null,
    firstVersion: (stream?.before.version ?? 0) + 1,
    size: bytesOf(rows),
    parts: partsOf(lists),
    rows,
    position,
  };
}

function streamRecords(change: StreamChange, lists: Lists, context: ItemContext): Position {
  let { version, head } = change.before;
  const payment = toUuid(change.payment);
  const recordedAt = iso(context.now);
  change.events.forEach((event, index) => {
    version += 1;
    const eventId = context.mintEvent();
    const secret = change.secret?.index === index ? secretRecord(context, version, change.secret.data) : null;
    if (secret) lists.privates.push(secret.record);
    const chained = {
      payment,
      version,
      id: eventId,
      type: event.type,
      data: JSON.stringify(event.data),
      provider_at: normalTime(event.provider_at),
      received_at: normalTime(event.received_at),
      recorded_at: recordedAt,
      correlation: change.correlation,
      commitment: secret?.commitment ?? null,
    };
    head = chainHash(context.chainKey, head, chained);
    lists.events.push({ ...chained, hash: head });
    sideRecords(event, eventId, change.after, lists);
  });
  const before = change.before.state ? timers(change.before.state) : [];
  const timed = timerRecords(before, timers(change.after), change.events, context);
  lists.scheduled.push(...timed.scheduled);
  lists.unscheduled.push(...timed.unscheduled);
  return { version, head, state: change.after };
}

/** Timers that came are inserted, those that went are removed; one that an event touched gets a new due time. */
function timerRecords(
  before: Timer[],
  after: Timer[],
  events: Event[],
  context: ItemContext,
): Pick<Lists, 'scheduled' | 'unscheduled'> {
  const id = (t: Timer) => `${t.kind} ${t.subject}`;
  const had = new Set(before.map(id));
  const has = new Set(after.map(id));
  const touch = new Map(
    events.flatMap((e) =>
      e.type === 'operation_unknown' || e.type === 'operation_pending'
        ? [[e.data.operation, e.type] as const]
        : [],
    ),
  );
  const touched = (t: Timer) => (t.kind === 'operation' ? (touch.get(t.subject) ?? null) : null);
  const set = after.filter((t) => !had.has(id(t)) || touched(t) !== null);
  const gone = before.filter((t) => !has.has(id(t)));
  return {
    scheduled: set.map((t) => ({
      subject: toUuid(t.subject),
      kind: t.kind,
      due_at: iso(context.dueAt(t, touched(t))),
    })),
    unscheduled: gone.map((t) => ({ subject: toUuid(t.subject), kind: t.kind })),
  };
}

function snapshot(change: StreamChange, position: Position): object {
  const state = change.after;
  const sums = amounts(state);
  const total = (pick: (a: State['attempts'][number]) => number) =>
    state.attempts.reduce((sum, a) => sum + pick(a), 0);
  const created = change.events[0];
  return {
    payment: toUuid(change.payment),
    merchant: toUuid(state.merchant),
    mode: change.mode,
    expected: change.before.version,
    version: position.version,
    reference: created?.type === 'payment_created' ? created.data.reference : null,
    currency: state.currency,
    status: status(state),
    amount: state.amount,
    authorized: sums.authorized,
    captured: sums.captured,
    capture_pending: total((a) => pendingCaptures(state, a)),
    refunded: sums.refunded,
    refund_pending: total((a) => pendingRefunds(state, a)),
    reversed: sums.reversed,
    disputed: sums.disputed,
    captured_beyond: total((a) => a.capturedBeyond),
    refunded_beyond: total((a) => a.refundedBeyond),
    state: JSON.stringify(state),
    head: position.head,
  };
}

function keyRecord(key: KeyChange | null): object {
  if (key === null) return { reserve: false };
  return {
    merchant: toUuid(key.merchant),
    mode: key.mode,
    key: key.key,
    reserve: key.reserve !== null,
    fingerprint: key.reserve?.fingerprint,
    ids: key.reserve && JSON.stringify(key.reserve.ids),
    answer_status: key.answer?.status,
    answer: key.answer && JSON.stringify(key.answer.body),
  };
}

function secretRecord(
  { randomBytes }: ItemContext,
  version: number,
  data: object,
): { record: object; commitment: Buffer } {
  const salt = Buffer.from(randomBytes(16));
  const text = JSON.stringify(data);
  return { record: { version, salt, data: text }, commitment: commitmentOf(salt, text) };
}

/** As `toISOString` writes it: the hash covers these letters, and the database gives them back so. */
function normalTime(time: string | null): string | null {
  if (time?.length === ISO_LENGTH && time[10] === 'T' && time.endsWith('Z')) return time;
  return time === null ? null : new Date(time).toISOString();
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
