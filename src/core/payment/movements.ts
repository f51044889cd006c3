/**
 * Captures and refunds that a provider has made: of an operation of ours, by itself, or told as a total only.
 *
 * The same money is booked once, whatever name it was first told under. A total is booked under a name of its
 * own; a movement that is named later covers that much of it. A movement that nobody was known to have asked
 * for, and that an operation of ours then claims, passes to that operation, and its exception is withdrawn.
 */

import type { Approved, ProviderCall } from '../outcome.ts';
import { type Draft, emit, emitMoney, raise, withdraw } from './draft.ts';
import type { Covers, EventData } from './events.ts';
import {
  type Attempt,
  type Capture,
  findAttempt,
  findRefund,
  isUnresolved,
  type Movement,
  nameOfTotal,
  nameOfVoided,
  type Operation,
  type Refund,
} from './state.ts';

type Of = 'captured' | 'refunded';
type Resource = Capture | Refund;

export function approveCapture(
  draft: Draft,
  attempt: Attempt,
  operation: Operation,
  told: Approved,
  call: ProviderCall | null,
): void {
  const outcome = told.movement === null ? withoutExcess(draft, operation, told) : told;
  const movement = outcome.movement ?? operation.id;
  const capture = draft.state.captures.find((c) => c.id === operation.subject);
  const covers = explained(draft.state.captures, operation, movement, attempt, 'captured', outcome.amount);
  if (known(draft, movement, 'capture', outcome.amount) && !isClaim(covers, movement, capture)) return;
  if (!capture || capture.status === 'succeeded')
    return raise(draft, 'contradicting_outcome', operation.id, capture?.amount ?? null, outcome.amount);
  const cameBack = capture.movement === movement;
  if (!isUnresolved(operation) && !cameBack)
    raise(draft, 'contradicting_outcome', operation.id, 0, outcome.amount);
  emitMoney(draft, 'capture_succeeded', {
    capture: capture.id,
    attempt: attempt.id,
    provider: attempt.provider,
    operation: operation.id,
    call,
    amount: outcome.amount,
    movement,
    final: capture.final,
    ...(covers && { covers }),
  });
  settleCovered(draft, 'unrequested_capture', draft.state.captures, covers);
  if (outcome.amount !== capture.amount)
    raise(draft, 'amount_mismatch', capture.id, capture.amount, outcome.amount);
  if (cameBack) reverseFailed(draft, operation, movement);
}

/**
 * Where captures have no ids, one is told as all that was taken without what the others were asked for: what was taken
 * beyond that is told with each of them, and counts with the first.
 */
function withoutExcess(
  { state }: Draft,
  { id, attempt, amount: asked }: Operation,
  told: Approved,
): Approved {
  const excess = state.captures
    .filter((c) => c.attempt === attempt && c.operation !== id && c.movement === c.operation)
    .map((c) => c.amount - (state.operations.find((o) => o.id === c.operation)?.amount ?? c.amount))
    .reduce((sum, beyond) => sum + Math.max(0, beyond), 0);
  return { ...told, amount: Math.max(Math.min(asked, told.amount), told.amount - excess) };
}

export function approveRefund(
  draft: Draft,
  attempt: Attempt,
  operation: Operation,
  outcome: Approved,
  call: ProviderCall | null,
): void {
  const movement = outcome.movement ?? operation.id;
  const refund = findRefund(draft.state, operation.subject ?? '');
  const covers = explained(draft.state.refunds, operation, movement, attempt, 'refunded', outcome.amount);
  if (known(draft, movement, 'refund', outcome.amount) && !isClaim(covers, movement, refund)) return;
  if (refund.status === 'succeeded' || refund.returned)
    return raise(draft, 'contradicting_outcome', operation.id, refund.amount, outcome.amount);
  const failed = refund.status === 'failed';
  const cameBack = failed && refund.movement === movement;
  if (failed && !cameBack) raise(draft, 'contradicting_outcome', operation.id, 0, outcome.amount);
  emit(draft, 'refund_succeeded', {
    refund: refund.id,
    attempt: attempt.id,
    provider: attempt.provider,
    operation: operation.id,
    call,
    amount: outcome.amount,
    movement,
    from: failed ? 'failed' : 'in_flight',
    in_flight: failed ? 0 : refund.amount,
    ...(covers && { covers }),
  });
  settleCovered(draft, 'unrequested_refund', draft.state.refunds, covers);
  if (outcome.amount !== refund.amount)
    raise(draft, 'amount_mismatch', refund.id, refund.amount, outcome.amount);
  if (cameBack) reverseFailed(draft, operation, movement);
}

/** A movement that had succeeded, or was told to have, and failed all the same: what it moved is back. */
export function reverseFailed(draft: Draft, operation: Operation, movement: string): void {
  const { provider, id: attempt } = findAttempt(draft.state, operation.attempt);
  const name = `${movement}/failed`;
  const amount = draft.state.movements[movement]?.amount ?? 0;
  if (draft.state.movements[name]) return;
  if (operation.kind === 'capture')
    return emit(draft, 'capture_reversed', { attempt, provider, amount, movement: name });
  const refund = findRefund(draft.state, operation.subject ?? '');
  if (refund.movement === movement)
    emit(draft, 'refund_returned', { refund: refund.id, provider, amount, movement: name });
}

/** A capture that no capture operation of ours made: the sale's own, or one that nobody here asked for. */
export function captureUnasked(draft: Draft, attempt: Attempt, movement: string, amount: number): void {
  if (known(draft, movement, 'capture', amount)) return;
  const total = ofTotal(draft.state.captures, attempt, 'captured');
  const covers = total && coversOf(total, Math.min(total.amount, amount));
  const whole = total && amount >= total.amount ? total.id : null;
  captureNamed(draft, attempt, whole, { movement, amount, covers });
  settleCovered(draft, 'unrequested_capture', draft.state.captures, covers);
}

export function refundUnasked(draft: Draft, attempt: Attempt, movement: string, amount: number): void {
  if (known(draft, movement, 'refund', amount)) return;
  const total = ofTotal(draft.state.refunds, attempt, 'refunded');
  const covers = total && coversOf(total, Math.min(total.amount, amount));
  const whole = total && amount >= total.amount ? total.id : null;
  refundNamed(draft, attempt, whole, { movement, amount, covers });
  settleCovered(draft, 'unrequested_refund', draft.state.refunds, covers);
}

/** Of a total only the difference that no movement explains is new; an older total says nothing. */
export function captureTotal(draft: Draft, attempt: Attempt, total: number): void {
  const difference = total - attempt.captured;
  if (difference <= 0) return;
  const before = totalSoFar(draft.state.captures, attempt, 'captured');
  captureNamed(draft, attempt, before?.id ?? null, grown(before, attempt, 'captured', difference));
  if (attempt.capture !== null) takeBackVoided(draft, attempt.id);
}

/**
 * Some providers tell a sale as captured with its approval, and capture later: a void before that takes all of it back,
 * told before the approval or after it.
 */
export function takeBackVoided(draft: Draft, id: string): void {
  const attempt = findAttempt(draft.state, id);
  const movement = nameOfVoided(id);
  const { authorized, captured } = attempt;
  const amount = captured - attempt.reversed;
  if (attempt.closed !== 'voided' || amount <= 0 || authorized === 0 || captured < authorized) return;
  if (!draft.state.movements[movement])
    emit(draft, 'capture_reversed', { attempt: id, provider: attempt.provider, amount, movement });
}

export function refundTotal(draft: Draft, attempt: Attempt, total: number): void {
  const difference = total - everRefunded(draft.state.refunds, attempt);
  if (difference <= 0) return;
  const before = totalSoFar(draft.state.refunds, attempt, 'refunded');
  refundNamed(draft, attempt, before?.id ?? null, grown(before, attempt, 'refunded', difference));
}

/** Those that came back are in a provider's total all the same. */
export function everRefunded(refunds: Refund[], attempt: Attempt): number {
  const done = refunds.filter((r) => r.attempt === attempt.id && (r.status === 'succeeded' || r.returned));
  return done.reduce((sum, r) => sum + r.amount, 0);
}

/** The same movement once more is nothing new; the same id with other content is a conflict for a person. */
export function known(draft: Draft, movement: string, kind: Movement['kind'], amount: number): boolean {
  const before = draft.state.movements[movement];
  if (before === undefined) return false;
  if (before.kind !== kind || before.amount !== amount)
    raise(draft, 'movement_conflict', movement, before.amount, amount);
  return true;
}

type Named = { movement: string; amount: number; covers: Covers | undefined };

/** With automatic capture the sale takes one capture; of several nobody can say which one is the sale's. */
function captureNamed(draft: Draft, attempt: Attempt, resource: string | null, named: Named): void {
  const { movement, amount, covers } = named;
  const sale = attempt.capture;
  const free = sale !== null && !draft.state.captures.some((c) => c.id === sale);
  const id = resource ?? (free && sale !== null ? sale : draft.context.id('capture'));
  emitMoney(draft, 'capture_succeeded', {
    capture: id,
    attempt: attempt.id,
    provider: attempt.provider,
    operation: null,
    call: null,
    amount,
    movement,
    final: id === sale,
    ...(covers && { covers }),
  });
  if (sale === null) return raise(draft, 'unrequested_capture', movement, 0, amount);
  const made = draft.state.captures.filter((c) => c.attempt === attempt.id && c.amount > 0);
  if (made.length > 1) raise(draft, 'unrequested_capture', attempt.id, 0, amount);
}

function refundNamed(draft: Draft, attempt: Attempt, resource: string | null, named: Named): void {
  const { movement, amount, covers } = named;
  emit(draft, 'refund_succeeded', {
    refund: resource ?? draft.context.id('refund'),
    attempt: attempt.id,
    provider: attempt.provider,
    operation: null,
    call: null,
    amount,
    movement,
    from: 'unrequested',
    in_flight: 0,
    ...(covers && { covers }),
  } satisfies EventData['refund_succeeded']);
  raise(draft, 'unrequested_refund', movement, 0, amount);
}

function grown(before: Resource | undefined, attempt: Attempt, of: Of, difference: number): Named {
  const movement = nameOfTotal(attempt.id, of);
  const amount = (before?.amount ?? 0) + difference;
  return { movement, amount, covers: before && { resource: before.id, movement, amount: before.amount } };
}

/** What of a movement of ours had been booked already: by itself, or in a total that was told before it. */
function explained(
  list: Resource[],
  operation: Operation,
  movement: string,
  attempt: Attempt,
  of: Of,
  amount: number,
): Covers | undefined {
  const itself = list.find((x) => x.movement === movement && x.operation === null);
  if (itself) return coversOf(itself, itself.amount);
  const total = ofTotal(list, attempt, of);
  const most = total === undefined ? 0 : Math.min(total.amount, toldInTotal(operation, movement, amount));
  return total && most > 0 ? coversOf(total, most) : undefined;
}

/**
 * A total that was booked while nothing was open cannot have meant an operation that began after it. But a provider
 * with no ids for such movements tells an operation's amount as what its total has grown by, so that what is beyond
 * what was asked may be that total's.
 */
function toldInTotal(operation: Operation, movement: string, amount: number): number {
  if (!isUnresolved(operation)) return amount;
  return movement === operation.id ? Math.max(0, amount - operation.amount) : 0;
}

function isClaim(covers: Covers | undefined, movement: string, mine: Resource | undefined): boolean {
  return covers?.movement === movement && mine !== undefined && mine.movement === null;
}

/** The booked part of a total that no movement explains, if there is any. */
function ofTotal(list: Resource[], attempt: Attempt, of: Of): Resource | undefined {
  const total = totalSoFar(list, attempt, of);
  return total && total.amount > 0 ? total : undefined;
}

function totalSoFar(list: Resource[], attempt: Attempt, of: Of): Resource | undefined {
  return list.find((x) => x.movement === nameOfTotal(attempt.id, of));
}

function coversOf({ id, movement }: Resource, amount: number): Covers {
  return { resource: id, movement: movement ?? '', amount };
}

/** Once nothing of it is left to explain, nobody needs to look any more. */
function settleCovered(
  draft: Draft,
  type: 'unrequested_capture' | 'unrequested_refund',
  now: Resource[],
  covers: Covers | undefined,
): void {
  if (!covers) return;
  const left = now.find((x) => x.id === covers.resource && x.movement === covers.movement);
  if (!left || left.amount === 0) withdraw(draft, type, covers.movement);
}
