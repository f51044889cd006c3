/** From a decision to what is written for it: events, snapshot, journals, timers, references, exceptions. */

import { toUuid } from '../core/ids.ts';
import { findAttempt } from '../core/payment/state.ts';
import { amounts, pendingCaptures, pendingRefunds, status } from '../core/payment/summary.ts';
import { type Timer, timers } from '../core/payment/timers.ts';
import type { Event, State } from '../core/payment.ts';
import type { Lists, Snapshot } from '../db/commit-rows.ts';
import { chainHash, commitmentOf, GENESIS } from './chain.ts';
import { emptyLists, sideRows } from './records.ts';

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
  answer: WrittenAnswer | null;
};

/** What the caller gets. */
export type Answer = { status: number; body: object };

/** With the bytes that are stored and sent, now and whenever the request is repeated. */
export type WrittenAnswer = Answer & { text: string };

export function written(answer: Answer): WrittenAnswer {
  return { ...answer, text: JSON.stringify(answer.body) };
}

const ISO_LENGTH = new Date(0).toISOString().length;
/** What a row takes beside its long texts, about. */
const ROW_BYTES = 200;

export type Intent = { stream: StreamChange | null; key: KeyChange | null };

/** One item of the commit statement; its place in the group is filled in there. */
export type Item = {
  /** At most one item of a stream, and one of a key, in a group. */
  stream: string | null;
  key: string | null;
  /** Id of the first event: found at the expected next version, the item is committed. */
  firstEvent: string | null;
  firstVersion: number;
  /** Bytes that it brings, about; bounds the group. */
  size: number;
  lists: Lists;
  position: Position | null;
};

export type ItemContext = {
  chainKey: Buffer;
  now: number;
  /** The id of an event, as a UUID. */
  mintEvent: () => string;
  randomBytes: (length: number) => Uint8Array;
  /** When the timer is due; `anew`: it was there before, and something has made it due anew. */
  dueAt: (timer: Timer, anew: boolean) => number;
};

export function itemOf(intent: Intent, context: ItemContext): Item {
  const { stream, key } = intent;
  const lists = emptyLists();
  const at = iso(context.now);
  const position = stream ? addStream(stream, lists, context, at) : null;
  if (key) addKey(key, stream?.payment ?? null, lists, at);
  return {
    stream: stream?.payment ?? null,
    key: key ? `${key.merchant} ${key.mode} ${key.key}` : null,
    firstEvent: lists.happened[0]?.id ?? null,
    firstVersion: (stream?.before.version ?? 0) + 1,
    size: sizeOf(lists),
    lists,
    position,
  };
}

function addStream(change: StreamChange, lists: Lists, context: ItemContext, at: string): Position {
  const { payment, mode, before, events, after, correlation } = change;
  const { merchant } = after;
  const uuid = toUuid(payment);
  let { version, head } = before;
  events.forEach((event, index) => {
    version += 1;
    const id = context.mintEvent();
    const secret = change.secret?.index === index ? change.secret.data : null;
    const happened = {
      payment,
      version,
      id,
      merchant,
      type: event.type,
      data: JSON.stringify(event.data),
      provider_at: normalTime(event.provider_at),
      received_at: normalTime(event.received_at),
      recorded_at: at,
      correlation,
      commitment: secret && keepApart(secret, { payment, version, merchant }, lists, context),
      hash: head,
    };
    head = chainHash(context.chainKey, head, { ...happened, payment: uuid });
    happened.hash = head;
    lists.happened.push(happened);
    sideRows(event, id, { state: after, mode, at }, lists);
  });
  addSnapshot(change, { version, head, at }, lists);
  addTimers(change, lists, context, at);
  return { version, head, state: after };
}

/** Gives the commitment that ties the event to what is kept beside it. */
function keepApart(
  secret: object,
  of: { payment: string; version: number; merchant: string },
  lists: Lists,
  { randomBytes }: ItemContext,
): Buffer {
  const salt = Buffer.from(randomBytes(16));
  const data = JSON.stringify(secret);
  lists.keptApart.push({ ...of, salt, data });
  return commitmentOf(salt, data);
}

/** Timers that came are inserted, those that went are removed; one that matters anew gets a new due time. */
function addTimers(change: StreamChange, lists: Lists, context: ItemContext, at: string): void {
  const { before, after, payment } = change;
  const were = before.state ? timers(before.state) : [];
  const are = timers(after);
  for (const timer of are) {
    const anew = timer.kind === 'operation' && isTouched(change, timer.subject);
    if (!anew && were.some((one) => same(one, timer))) continue;
    const dueAt = iso(context.dueAt(timer, anew));
    lists.timed.push({ ...timer, merchant: after.merchant, payment, dueAt, at });
  }
  lists.untimed.push(...were.filter((timer) => !are.some((one) => same(one, timer))));
}

function same(a: Timer, b: Timer): boolean {
  return a.kind === b.kind && a.subject === b.subject;
}

/** It was told that nobody knows, or that it takes time; or what is done about that is another thing now. */
function isTouched({ before, events, after }: StreamChange, operation: string): boolean {
  const told = events.some(
    (event) =>
      (event.type === 'operation_unknown' || event.type === 'operation_pending') &&
      event.data.operation === operation,
  );
  return told || hasTurned(before.state, after, operation);
}

/** Its attempt is not wanted any more, or was cancelled. What is being performed has its lease. */
function hasTurned(before: State | null, after: State, id: string): boolean {
  const was = before?.operations.find((one) => one.id === id);
  if (!before || !was || was.status === 'sending') return false;
  const [then, now] = [findAttempt(before, was.attempt), findAttempt(after, was.attempt)];
  const isCanceled = now.result === 'canceled' && then.result !== 'canceled';
  return isCanceled || (then.unwanted === null) !== (now.unwanted === null);
}

function addSnapshot(
  { payment, mode, before, after, events }: StreamChange,
  { version, head, at }: { version: number; head: Buffer; at: string },
  lists: Lists,
): void {
  const snapshot: Snapshot = { payment, version, ...sums(after), state: JSON.stringify(after), head, at };
  const [created] = events;
  if (before.version > 0) {
    lists.changed.push({ ...snapshot, expected: before.version });
    return;
  }
  const { merchant, currency, amount } = after;
  const reference = created?.type === 'payment_created' ? created.data.reference : null;
  lists.created.push({ ...snapshot, merchant, mode, reference, currency, amount });
}

function sums(state: State) {
  const { authorized, captured, refunded, reversed, disputed } = amounts(state);
  const total = (pick: (a: State['attempts'][number]) => number) =>
    state.attempts.reduce((sum, a) => sum + pick(a), 0);
  return {
    status: status(state),
    authorized,
    captured,
    capturePending: total((a) => pendingCaptures(state, a)),
    refunded,
    refundPending: total((a) => pendingRefunds(state, a)),
    reversed,
    disputed,
    capturedBeyond: total((a) => a.capturedBeyond),
    refundedBeyond: total((a) => a.refundedBeyond),
  };
}

function addKey(
  { merchant, mode, key, reserve, answer }: KeyChange,
  payment: string | null,
  lists: Lists,
  at: string,
): void {
  const name = { merchant, mode, key, at };
  if (reserve)
    lists.reserved.push({
      ...name,
      fingerprint: reserve.fingerprint,
      payment,
      ids: JSON.stringify(reserve.ids),
      answerStatus: answer?.status ?? null,
      answer: answer?.text ?? null,
    });
  else if (answer) lists.answered.push({ ...name, answerStatus: answer.status, answer: answer.text });
}

function sizeOf({ created, changed, happened, keptApart, reserved, answered }: Lists): number {
  let size = 0;
  for (const { state } of created) size += state.length + ROW_BYTES;
  for (const { state } of changed) size += state.length + ROW_BYTES;
  for (const { data } of happened) size += data.length + 2 * ROW_BYTES;
  for (const { data } of keptApart) size += data.length + ROW_BYTES;
  for (const { fingerprint, answer } of reserved)
    size += fingerprint.length + (answer?.length ?? 0) + ROW_BYTES;
  for (const { answer } of answered) size += answer.length + ROW_BYTES;
  return size;
}

/**
 * As `toISOString` writes it: the hash covers these letters, and the database gives them back so. What a provider writes
 * for a time and is none is left out: nothing that it told of money is to fail for that.
 */
export function normalTime(time: string | null): string | null {
  const ms = Date.parse(time ?? '');
  if (Number.isNaN(ms)) return null;
  const normal = new Date(ms).toISOString();
  return normal.length === ISO_LENGTH ? normal : null;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
