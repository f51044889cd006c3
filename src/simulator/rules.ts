/**
 * What the provider allows, and what it does to a charge: one function an operation.
 *
 * Each changes the charge it is given, or refuses and changes nothing.
 */

import { added, approved, type Charge, FOLLOWS, rejected, remaining, type Verdict } from './books.ts';
import { type Behavior, CODES } from './tokens.ts';

export type Moment = { now: number; id(prefix: 'ch' | 'cap' | 'rf' | 'vd'): string };

/** Faults that change what is done rather than how it is answered. */
export type Twist = { declined: boolean; excess: number };

export type ChargeOrder = Pick<
  Charge,
  'reference' | 'attempt' | 'operation' | 'currency' | 'amount' | 'capture' | 'returnUrl'
>;
export type Delays = { pendingMs: number; challengeMs: number };

const VALIDITY_MS = 7 * 24 * 3600_000;

export function charge(
  order: ChargeOrder,
  behavior: Behavior,
  twist: Twist,
  delays: Delays,
  at: Moment,
): Charge {
  const made = blankCharge(order, twist, at);
  if (twist.declined) decide(made, 'declined', CODES.do_not_honor, at.now);
  else begin(made, behavior, delays, at);
  return made;
}

/** Finishes a challenge that the customer has answered. A second time it changes nothing. */
export function complete(charge: Charge, twist: Twist, operation: string, at: Moment): Verdict {
  if (charge.challenge === null) return rejected('not_challenged');
  if (charge.state === 'requires_action' && charge.challenge === 'passed') {
    charge.excess += twist.excess;
    if (twist.declined) decide(charge, 'declined', CODES.do_not_honor, at.now);
    else authorize(charge, operation, at);
  }
  return FOLLOWS;
}

/** Amount 0 with `final` captures nothing and releases what is left of a partial capture. */
export function capture(
  charge: Charge,
  ask: { amount: number; final: boolean },
  excess: number,
  operation: string,
  at: Moment,
): Verdict {
  const refusal = captureRefusal(charge, ask.amount);
  if (refusal !== null) return refusal;
  const movement = at.id(ask.amount === 0 ? 'vd' : 'cap');
  const amount = ask.amount === 0 ? 0 : ask.amount + excess;
  if (amount > 0) {
    charge.captures = added(charge.captures, { id: movement, amount, at: at.now, operation });
  }
  charge.captured += amount;
  if (ask.final) charge.voided += remaining(charge);
  return approved(movement, amount);
}

export function release(charge: Charge, at: Moment): Verdict {
  if (charge.state === 'voided') {
    return { status: 'already', code: 'already_voided', movement: charge.voidId, amount: charge.voided };
  }
  if (charge.state === 'declined') return rejected('nothing_to_void');
  if (charge.state === 'expired') return rejected('authorization_expired');
  if (charge.captured > 0) return rejected('void_after_capture');
  const amount = remaining(charge);
  charge.voided += amount;
  charge.voidId = at.id('vd');
  charge.state = 'voided';
  return approved(charge.voidId, amount);
}

/** `operation` is null for a refund that somebody made in the provider's dashboard. */
export function refund(
  charge: Charge,
  ask: number,
  excess: number,
  operation: string | null,
  at: Moment,
): Verdict {
  if (charge.captured === 0) return rejected('nothing_captured');
  const left = charge.captured - charge.refunded;
  if (left <= 0) return rejected('already_refunded');
  if (ask > left) return rejected('refund_exceeds_capture');
  const made = { id: at.id('rf'), amount: ask + excess, at: at.now, operation };
  charge.refunds = added(charge.refunds, made);
  charge.refunded += made.amount;
  return approved(made.id, made.amount);
}

/** The authorisation lapses: what is still held is released. False when nothing is held. */
export function expire(charge: Charge): boolean {
  if (charge.state !== 'open' || remaining(charge) === 0) return false;
  charge.voided += remaining(charge);
  charge.state = 'expired';
  return true;
}

/** The customer's answer on the page of the challenge; the first one counts. */
export function answerChallenge(
  charge: Charge,
  answer: 'passed' | 'failed' | 'abandoned',
  now: number,
): boolean {
  if (charge.state !== 'requires_action' || charge.challenge !== 'open') return false;
  charge.challenge = answer;
  if (answer === 'failed') decide(charge, 'declined', CODES.authentication_failed, now);
  if (answer === 'abandoned') decide(charge, 'declined', CODES.authentication_abandoned, now);
  return true;
}

/** What time alone has done since the charge was last looked at. True when it changed. */
export function catchUp(charge: Charge, at: Moment): boolean {
  if (charge.state === 'pending' && at.now >= charge.dueAt) {
    if (charge.becomes === 'approve') authorize(charge, charge.operation, { ...at, now: charge.dueAt });
    else decide(charge, 'declined', CODES.do_not_honor, charge.dueAt);
    return true;
  }
  if (charge.state === 'requires_action' && at.now >= charge.dueAt) {
    return answerChallenge(charge, 'abandoned', charge.dueAt);
  }
  if (charge.state === 'open' && at.now >= charge.decidedAt + VALIDITY_MS) return expire(charge);
  return false;
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
  switch (behavior.kind) {
    case 'approve':
      return authorize(charge, charge.operation, at);
    case 'decline':
      return decide(charge, 'declined', behavior.code, at.now);
    case 'challenge':
      charge.state = 'requires_action';
      charge.challenge = 'open';
      charge.dueAt = at.now + delays.challengeMs;
      return;
    case 'pending':
      charge.state = 'pending';
      charge.becomes = behavior.becomes;
      charge.dueAt = at.now + delays.pendingMs;
      return;
    default:
      behavior satisfies never;
  }
}

function authorize(charge: Charge, operation: string, at: Moment): void {
  decide(charge, 'open', '00', at.now);
  charge.authorized = charge.amount + charge.excess;
  if (!charge.capture) return;
  charge.captured = charge.authorized;
  charge.captures = [{ id: at.id('cap'), amount: charge.captured, at: at.now, operation }];
}

function decide(charge: Charge, state: Charge['state'], code: string, now: number): void {
  charge.state = state;
  charge.code = code;
  charge.decidedAt = now;
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
