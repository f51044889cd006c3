/**
 * What the provider allows, and what it does to a charge: one function an operation.
 *
 * Each changes the charge it is given, or refuses and changes nothing.
 */

import {
  added,
  approved,
  type Charge,
  FOLLOWS,
  type Move,
  rejected,
  remaining,
  type Verdict,
} from './books.ts';
import type { Refund } from './movements.ts';
import type { Wire } from './shelf.ts';
import { type Behavior, CODES } from './tokens.ts';

/** Charge, capture, refund, void, reversal, return of a refund, endpoint, dispute. */
export type IdPrefix = 'ch' | 'cap' | 'rf' | 'vd' | 'rv' | 'rr' | 'we' | 'dp';

export type Moment = {
  now: number;
  id(prefix: IdPrefix): string;
  /** Hears each thing that happens to a charge, once. */
  tell(move: Move): void;
};

/** Faults that change what is done rather than how it is answered. */
export type Twist = { declined: boolean; excess: number };

export type ChargeOrder = Pick<
  Charge,
  'reference' | 'attempt' | 'operation' | 'currency' | 'amount' | 'capture' | 'returnUrl' | 'dialect' | 'wire'
>;
export type Delays = { pendingMs: number; challengeMs: number };

export function charge(
  order: ChargeOrder,
  behavior: Behavior,
  twist: Twist,
  delays: Delays,
  at: Moment,
): Charge {
  const made = blankCharge(order, twist, at);
  if (twist.declined) decline(made, CODES.do_not_honor, made.operation, at);
  else begin(made, behavior, delays, at);
  return made;
}

/** Finishes a challenge that the customer has answered. A second time it changes nothing. */
export function complete(charge: Charge, twist: Twist, operation: string, at: Moment): Verdict {
  if (charge.challenge === null) return rejected('not_challenged');
  if (charge.state === 'requires_action' && charge.challenge === 'passed') {
    charge.excess += twist.excess;
    const code = twist.declined ? CODES.do_not_honor : charge.becomesCode;
    if (code === undefined) authorize(charge, operation, at);
    else decline(charge, code, operation, at);
  }
  return FOLLOWS;
}

/**
 * Amount 0 with `final` captures nothing and releases what is left of a partial capture. `operation` is null,
 * here and below, for what somebody did in the provider's dashboard.
 */
export function capture(
  charge: Charge,
  ask: { amount: number; final: boolean },
  excess: number,
  operation: string | null,
  at: Moment,
): Verdict {
  const refusal = captureRefusal(charge, ask.amount);
  if (refusal !== null) return refusal;
  if (ask.amount === 0) return approved(releaseRemaining(charge, operation, at).movement, 0);
  const amount = ask.amount + excess;
  const made = { id: at.id('cap'), amount, at: at.now, operation };
  charge.captures = added(charge.captures, made);
  charge.captured += amount;
  if (ask.final) charge.voided += remaining(charge);
  startLater(charge, at.now);
  tell(charge, 'charge.captured', { amount, operation, movement: made.id }, at);
  return approved(made.id, amount);
}

/** All of it, or what captures have left. */
export function release(charge: Charge, operation: string | null, at: Moment): Verdict {
  if (charge.state === 'voided' || charge.voidId !== null) {
    return { status: 'already', code: 'already_voided', movement: charge.voidId, amount: charge.voided };
  }
  if (charge.state === 'declined') return rejected('nothing_to_void');
  if (charge.state === 'expired') return rejected('authorization_expired');
  if (charge.captured > 0 && remaining(charge) === 0) return rejected('void_after_capture');
  if (charge.captured === 0) charge.state = 'voided';
  const { movement, amount } = releaseRemaining(charge, operation, at);
  return approved(movement, amount);
}

function releaseRemaining(
  charge: Charge,
  operation: string | null,
  at: Moment,
): { movement: string; amount: number } {
  const [amount, movement] = [remaining(charge), at.id('vd')];
  charge.voided += amount;
  charge.voidId = movement;
  tell(charge, 'charge.voided', { amount, operation, movement }, at);
  return { movement, amount };
}

/** What becomes of a refund that does not simply succeed. `returned`: it succeeds, and comes back. */
export type RefundPlan = { becomes: 'succeeded' | 'failed' | 'returned'; afterMs: number };

export type RefundAsk = { amount: number; plan?: RefundPlan; wire?: Wire };

export function refund(
  charge: Charge,
  { amount: ask, plan, wire }: RefundAsk,
  excess: number,
  operation: string | null,
  at: Moment,
): Verdict {
  if (charge.captured === 0) return rejected('nothing_captured');
  const left = refundable(charge);
  if (left <= 0) return rejected('already_refunded');
  if (ask > left) return rejected('refund_exceeds_capture');
  const amount = ask + excess;
  const more = {
    ...(wire === undefined ? {} : { wire }),
    ...(plan === undefined ? {} : planned(plan, at.now)),
  };
  const made: Refund = { id: at.id('rf'), amount, at: at.now, operation, ...more };
  charge.refunds = added(charge.refunds, made);
  charge.refunded += amount;
  const type = made.state === 'pending' ? 'refund.pending' : 'refund.succeeded';
  tell(charge, type, { amount, operation, movement: made.id }, at);
  return approved(made.id, amount);
}

/** The authorisation lapses: what is still held is released. False when nothing is held. */
export function expire(charge: Charge, at: Moment): boolean {
  const amount = remaining(charge);
  if (charge.state !== 'open' || amount === 0) return false;
  charge.voided += amount;
  charge.state = 'expired';
  tell(charge, 'charge.expired', { amount }, at);
  return true;
}

/** The customer's answer on the page of the challenge; the first one counts. */
export function answerChallenge(
  charge: Charge,
  answer: 'passed' | 'failed' | 'abandoned',
  at: Moment,
): boolean {
  if (charge.state !== 'requires_action' || charge.challenge !== 'open') return false;
  charge.challenge = answer;
  if (answer === 'failed') decline(charge, CODES.authentication_failed, charge.operation, at);
  if (answer === 'abandoned') decline(charge, CODES.authentication_abandoned, charge.operation, at);
  return true;
}

function blankCharge(order: ChargeOrder, twist: Twist, at: Moment): Charge {
  return {
    id: at.id('ch'),
    ...order,
    state: 'open',
    code: '00',
    at: at.now,
    decidedAt: at.now,
    dueAt: 0,
    becomes: null,
    challenge: null,
    excess: twist.excess,
    authorized: 0,
    captured: 0,
    refunded: 0,
    voided: 0,
    captures: [],
    refunds: [],
    voidId: null,
    calls: [],
    callsTotal: 0,
  };
}

function begin(charge: Charge, behavior: Behavior, delays: Delays, at: Moment): void {
  if ('later' in behavior) charge.later = behavior.later;
  switch (behavior.kind) {
    case 'approve':
      return authorize(charge, charge.operation, at);
    case 'decline':
      return decline(charge, behavior.code, charge.operation, at);
    case 'challenge':
      charge.state = 'requires_action';
      charge.challenge = 'open';
      charge.becomesCode = behavior.code;
      charge.unattended = behavior.unattended;
      charge.dueAt = at.now + delays.challengeMs;
      return tellDialect(charge, 'charge.challenged', at);
    case 'pending':
      charge.state = 'pending';
      charge.becomes = behavior.becomes;
      charge.becomesCode = behavior.code;
      charge.dueAt = at.now + (behavior.afterMs ?? delays.pendingMs);
      return tellDialect(charge, 'charge.pending', at);
    default:
      behavior satisfies never;
  }
}

export function authorize(charge: Charge, operation: string | null, at: Moment): void {
  decide(charge, 'open', '00', at.now);
  const amount = charge.amount + charge.excess;
  charge.authorized = amount;
  tell(charge, 'charge.authorized', { amount, operation }, at);
  if (!charge.capture) return;
  const movement = at.id('cap');
  charge.captured = amount;
  charge.captures = [{ id: movement, amount, at: at.now, operation }];
  startLater(charge, at.now);
  tell(charge, 'charge.captured', { amount, operation, movement }, at);
}

export function decline(charge: Charge, code: string, operation: string | null, at: Moment): void {
  decide(charge, 'declined', code, at.now);
  tell(charge, 'charge.declined', { amount: charge.amount, operation }, at);
}

function decide(charge: Charge, state: Charge['state'], code: string, now: number): void {
  charge.state = state;
  charge.code = code;
  charge.decidedAt = now;
}

type Told = { amount: number; operation?: string | null; movement?: string; of?: string; code?: string };

export function tell(charge: Charge, type: Move['type'], told: Told, at: Moment): void {
  const { amount, operation = null, movement = null, of = null, code = charge.code } = told;
  const snapshot =
    charge.dialect === undefined ? {} : { snapshot: structuredClone({ ...charge, calls: [] }) };
  at.tell({ charge: charge.id, type, at: at.now, amount, operation, movement, of, code, ...snapshot });
}

/** The plain dialect says this in its answer only. */
function tellDialect(charge: Charge, type: Move['type'], at: Moment): void {
  if (charge.dialect === undefined) return;
  tell(charge, type, { amount: charge.amount, operation: charge.operation }, at);
}

/** What is to happen to the money runs from its first capture. */
function startLater(charge: Charge, now: number): void {
  if (charge.later !== undefined) charge.laterAt ??= now + charge.later.afterMs;
}

function planned({ becomes, afterMs }: RefundPlan, now: number): Partial<Refund> {
  return { state: becomes === 'returned' ? 'succeeded' : 'pending', becomes, dueAt: now + afterMs };
}

/** What is left to give back: captured, not taken back, not disputed, not refunded. */
export function refundable(charge: Charge): number {
  return charge.captured - reversed(charge) - disputed(charge) - charge.refunded;
}

/** What the customers' banks have taken and not given back. */
export function disputed(charge: Charge): number {
  const taken = (charge.disputes ?? []).filter(({ status }) => status === 'open' || status === 'lost');
  return taken.reduce((sum, { amount }) => sum + amount, 0);
}

/** What was taken back of the captures. */
export function reversed(charge: Charge): number {
  return (charge.reversals ?? []).reduce((sum, { amount }) => sum + amount, 0);
}

function captureRefusal(charge: Charge, amount: number): Verdict | null {
  if (charge.state === 'voided') return rejected('authorization_voided');
  if (charge.state === 'expired') return rejected('authorization_expired');
  if (charge.state !== 'open') return rejected('not_authorized');
  const left = remaining(charge);
  if (left === 0) return rejected('already_captured');
  if (amount > left) return rejected('capture_exceeds_authorization');
  if (amount === 0 && charge.captured === 0) return rejected('nothing_captured');
  return null;
}
