/**
 * Status and amounts of a payment, derived from what is known. Pure arithmetic over the state: there is no
 * stored status that could contradict the facts.
 */

import type { Attempt, State } from './state.ts';
import { nameOfVoided, unresolved } from './state.ts';

export const PAYMENT_STATUSES = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
  'authorized',
  'partially_captured',
  'captured',
  'voided',
  'failed',
  'expired',
] as const;

export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

export type Amounts = {
  authorized: number;
  capturable: number;
  captured: number;
  refunded: number;
  refundable: number;
  reversed: number;
  disputed: number;
};

/** The attempt that stands for the payment: the one that holds its money, else the latest. */
export function mainAttempt(state: State): Attempt | undefined {
  const holding = state.attempts.findLast((a) => holdsMoney(a) && a.unwanted === null);
  return holding ?? state.attempts.findLast(holdsMoney) ?? state.attempts.at(-1);
}

/** Authorised or captured, and not given back since. */
export function holdsMoney(attempt: Attempt): boolean {
  return memo(attempt) > 0 || netCaptured(attempt) > 0;
}

/** An attempt that may still take money, or has it: while there is one, no other may start. */
export function isLive(attempt: Attempt): boolean {
  return attempt.result === 'unresolved' || attempt.result === 'requires_action' || holdsMoney(attempt);
}

/** Authorised and neither captured nor released: what `memo_authorized` holds for the attempt. */
export function memo(attempt: Attempt): number {
  return attempt.closed === null ? Math.max(0, attempt.authorized - attempt.captured) : 0;
}

export function netCaptured(attempt: Attempt): number {
  return attempt.captured - attempt.reversed - attempt.refunded;
}

export function pendingCaptures(state: State, attempt: Attempt): number {
  return sum(
    state.captures.filter((c) => c.attempt === attempt.id && c.status === 'pending').map((c) => c.amount),
  );
}

export function pendingRefunds(state: State, attempt: Attempt): number {
  return sum(
    state.refunds.filter((r) => r.attempt === attempt.id && r.status === 'pending').map((r) => r.amount),
  );
}

/** Authorised minus captured minus captures not yet resolved; never below zero. */
export function capturable(state: State, attempt: Attempt): number {
  return Math.max(0, memo(attempt) - pendingCaptures(state, attempt));
}

/** Captured minus returned, refunded, about to be refunded, disputed or lost; never below zero. */
export function refundable(state: State, attempt: Attempt): number {
  return Math.max(0, netCaptured(attempt) - attempt.disputed - pendingRefunds(state, attempt));
}

export function amounts(state: State): Amounts {
  const main = mainAttempt(state);
  const total = (pick: (a: Attempt) => number) => sum(state.attempts.map(pick));
  return {
    authorized: total((a) => a.authorized),
    capturable: main ? capturable(state, main) : 0,
    captured: total((a) => a.captured),
    refunded: total((a) => a.refunded),
    refundable: main ? refundable(state, main) : 0,
    reversed: total((a) => a.reversed),
    disputed: total((a) => a.disputed),
  };
}

export function status(state: State): PaymentStatus {
  const main = mainAttempt(state);
  if (state.failed) return 'failed';
  if (main && state.movements[nameOfVoided(main.id)]) return 'voided';
  if (main && main.captured > 0) return stillCapturable(state, main) ? 'partially_captured' : 'captured';
  if (main && memo(main) > 0) return 'authorized';
  if (main && isOpen(main)) return openStatus(state, main);
  if (state.voided || main?.unwanted === 'voided') return 'voided';
  if (main?.closed === 'expired' && main.authorized > 0) return 'expired';
  if (main?.closed === 'voided' && main.unwanted === null) return 'voided';
  return state.attempts.length === 0 && state.paymentMethod
    ? 'requires_confirmation'
    : 'requires_payment_method';
}

function stillCapturable(state: State, attempt: Attempt): boolean {
  return (
    memo(attempt) > 0 &&
    !state.captures.some((c) => c.attempt === attempt.id && c.final && c.status === 'pending')
  );
}

function isOpen(attempt: Attempt): boolean {
  return attempt.result === 'unresolved' || attempt.result === 'requires_action';
}

/** A customer who was sent to confirm an attempt that is being cancelled has nothing left to do there. */
function openStatus(state: State, attempt: Attempt): PaymentStatus {
  const waits = attempt.result === 'requires_action' && attempt.unwanted === null;
  return waits && unresolved(state).length === 0 ? 'requires_action' : 'processing';
}

function sum(numbers: number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
