/** A decision being made: the events so far and the state after them. Lives inside one call of `decide`. */

import type { Event, EventData, EventType, ExceptionType, Times, UnwantedReason } from './events.ts';
import { evolve } from './evolve.ts';
import { type Attempt, findAttempt, type State, unresolved } from './state.ts';
import { holdsMoney, memo, netCaptured, refundable, status } from './summary.ts';

/** `id` gives a new id of a kind: the core makes none itself. */
export type Context = {
  id: (kind: 'operation' | 'capture' | 'refund' | 'exception') => string;
  /** What the attempt's provider can do; everything, where nobody says. */
  can?: (attempt: Attempt) => Can;
};

/** What a request may ask for and a provider may not offer. */
export type Can = Readonly<
  Record<
    | 'partial_capture'
    | 'multiple_captures'
    | 'void'
    | 'void_remainder'
    | 'partial_refund'
    | 'multiple_refunds'
    /** One refund of what several captures took. */
    | 'refund_across_captures',
    boolean
  >
>;

/** What was asked for and is not offered. */
export type Unsupported = { capability: keyof Can; provider: string };

export type Draft = {
  state: State;
  events: Event[];
  context: Context;
  times: Times;
  unsupported: Unsupported | null;
};

type MoneyType = { [T in EventType]: EventData[T] extends { memo_change: number } ? T : never }[EventType];

export const UNTOLD: Times = { provider_at: null, received_at: null };

export function draftOf(state: State, context: Context, times: Times = UNTOLD): Draft {
  return { state, events: [], context, times, unsupported: null };
}

export function emit<T extends EventType>(
  draft: Draft,
  type: T,
  data: EventData[T],
  times: Times = draft.times,
): void {
  const event = { type, data, ...times } as Event;
  draft.events.push(event);
  draft.state = evolve(draft.state, event);
}

/** Emits an event that may change what is authorised and not captured, with that change in it. */
export function emitMoney<T extends MoneyType>(
  draft: Draft,
  type: T,
  data: Omit<EventData[T], 'memo_change'>,
): void {
  const attempt = (data as { attempt: string }).attempt;
  const trial = { type, data: { ...data, memo_change: 0 }, ...draft.times } as unknown as Event;
  const change =
    memo(findAttempt(evolve(draft.state, trial), attempt)) - memo(findAttempt(draft.state, attempt));
  emit(draft, type, { ...data, memo_change: change } as unknown as EventData[T]);
}

/** Raises an exception for a person, once per type and subject. */
export function raise(
  draft: Draft,
  type: ExceptionType,
  subject: string,
  expected: number | null,
  actual: number | null,
): void {
  if (draft.state.exceptions.some((e) => e.type === type && e.subject === subject)) return;
  emit(draft, 'exception_raised', {
    exception: draft.context.id('exception'),
    type,
    subject,
    expected,
    actual,
  });
}

/** The question has been answered by a later fact. */
export function withdraw(draft: Draft, type: ExceptionType, subject: string): void {
  const open = draft.state.exceptions.find((e) => e.type === type && e.subject === subject);
  if (open) emit(draft, 'exception_withdrawn', { exception: open.id, type, subject });
}

/**
 * Gives back what an attempt holds and should not: an approval that came after the attempt was given up, or
 * after another one was paid. Voided while nothing is captured; refunded when the sale itself took the money, but
 * for one whose replacement has not started: that one stands, so that a payment that was told as captured stays it.
 * Each step is asked for once. What the provider captured without us is for a person.
 */
export function releaseUnwanted(draft: Draft, id: string): void {
  const attempt = findAttempt(draft.state, id);
  const reason = attempt.unwanted;
  if (reason === null || attempt.released === 'refund' || !holdsMoney(attempt)) return;
  if (unresolved(draft.state).some((o) => o.attempt === id && (o.kind === 'void' || o.kind === 'refund')))
    return;
  if (netCaptured(attempt) > 0) {
    if (attempt.next !== null) return emit(draft, 'attempt_adopted', { attempt: id });
    return void refundSale(draft, attempt, reason);
  }
  if (attempt.released === undefined)
    emit(draft, 'void_requested', { operation: draft.context.id('operation'), attempt: id, reason });
}

/** False where it is for a person. */
export function refundSale(draft: Draft, attempt: Attempt, reason: UnwantedReason): boolean {
  const amount = refundable(draft.state, attempt);
  // A sale over another amount than asked is for a person, as any difference in amount.
  if (amount === 0 || attempt.capture === null || reason === 'partial_approval') return false;
  emit(draft, 'refund_requested', {
    refund: draft.context.id('refund'),
    operation: draft.context.id('operation'),
    attempt: attempt.id,
    provider: attempt.provider,
    amount,
    cause: reason,
  });
  // The void that failed did so since the sale had taken the money: that is being given back now.
  withdraw(draft, 'compensation_failed', attempt.id);
  return true;
}

/** Why an attempt that is about to hold money is not wanted: so the caller was told, or another one was paid. */
export function reasonToRelease(state: State, attempt: Attempt): UnwantedReason | null {
  if (attempt.unwanted !== null || holdsMoney(attempt)) return attempt.unwanted;
  if (state.failed) return 'given_up';
  if (state.voided) return 'voided';
  const attempts = state.attempts.filter((a) => a.id !== attempt.id && a.unwanted === null);
  if (attempts.some(holdsMoney)) return 'already_paid';
  if (attempts.length === 0) return null;
  const told = status({ ...state, attempts });
  if (told === 'captured' || told === 'partially_captured') return 'already_paid';
  if (told === 'voided') return 'voided';
  return told === 'expired' ? 'given_up' : null;
}
