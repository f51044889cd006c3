/** What a provider did by its own account: adopted where it explains an operation of ours, recorded always. */

import type { Approved } from '../outcome.ts';
import { disputed, disputeEnded } from './disputes.ts';
import { type Draft, emit, emitMoney, raise, reasonToRelease, releaseUnwanted, withdraw } from './draft.ts';
import type { Fact, FactOf } from './fact.ts';
import { operationFailed } from './failed-later.ts';
import { failAuthorization, isUndecided } from './failures.ts';
import {
  approveCapture,
  approveRefund,
  captureTotal,
  captureUnasked,
  known,
  refundTotal,
  refundUnasked,
} from './movements.ts';
import { approveAuthorization, approveVoid, releasedAmount } from './outcomes.ts';
import {
  type Attempt,
  authorizing,
  type Capture,
  findAttempt,
  isUnresolved,
  type Operation,
  type Refund,
} from './state.ts';
import { keepWaiting, mustWait, nextResumed } from './waiting.ts';

export function recordFact(draft: Draft, fact: Fact): void {
  if (mustWait(draft.state, fact)) keepWaiting(draft, fact);
  else apply(draft, fact);
}

/** After whatever was learnt: facts that waited for it. Each keeps the times that it was told with. */
export function resumeWaiting(draft: Draft): void {
  const { times } = draft;
  for (let fact = nextResumed(draft); fact !== null; fact = nextResumed(draft)) {
    draft.times = { provider_at: fact.provider_at, received_at: fact.received_at };
    apply(draft, fact);
    draft.times = times;
  }
}

function apply(draft: Draft, fact: Fact): void {
  const attempt = findAttempt(draft.state, fact.attempt);
  switch (fact.kind) {
    case 'authorized':
      return authorized(draft, attempt, fact);
    case 'declined':
      return declined(draft, attempt, fact);
    case 'expired':
      return expired(draft, attempt);
    case 'voided':
      return voided(draft, attempt, fact.amount);
    case 'captured':
      return captured(draft, attempt, fact);
    case 'captured_total':
      return taken(draft, attempt, () => captureTotal(draft, attempt, fact.amount));
    case 'refunded':
      return refunded(draft, attempt, fact);
    case 'refunded_total':
      return refundTotal(draft, attempt, fact.amount);
    case 'capture_failed':
    case 'refund_failed':
    case 'void_failed':
      return operationFailed(draft, attempt, fact);
    case 'reversed':
      return reversed(draft, attempt, fact);
    case 'refund_returned':
      return refundReturned(draft, attempt, fact);
    case 'disputed':
      return disputed(draft, attempt, fact);
    case 'dispute_won':
    case 'dispute_lost':
      return disputeEnded(draft, fact);
    default:
      return fact satisfies never;
  }
}

function authorized(draft: Draft, attempt: Attempt, fact: FactOf<'authorized'>): void {
  if (attempt.authorized === fact.amount) return;
  if (attempt.authorized > 0)
    return raise(draft, 'amount_mismatch', attempt.id, attempt.authorized, fact.amount);
  const outcome = approval(fact.provider_reference, null, fact.amount, fact.provider_at);
  approveAuthorization(
    draft,
    attempt,
    authorizing(draft.state, attempt),
    { ...outcome, details: fact.details },
    null,
  );
}

function declined(draft: Draft, attempt: Attempt, fact: FactOf<'declined'>): void {
  if (attempt.result === 'authorized')
    raise(draft, 'contradicting_outcome', attempt.id, attempt.authorized, 0);
  if (!isUndecided(attempt)) return;
  const operation = authorizing(draft.state, attempt);
  const told = { operation: isUnresolved(operation) ? operation.id : null, call: null };
  const { decline, provider_reference, provider_at } = fact;
  const failure = { reason: 'declined' as const, decline, raw_code: decline.raw_code, evidence: null };
  failAuthorization(
    draft,
    attempt,
    { kind: 'declined', decline, provider_reference, provider_at },
    { ...told, ...failure },
  );
}

/** Also before the approval is heard of, which then holds nothing. */
function expired(draft: Draft, { id, closed, provider }: Attempt): void {
  if (closed === null)
    emitMoney(draft, 'authorization_expired', { attempt: id, provider, operation: null, call: null });
}

function voided(draft: Draft, attempt: Attempt, amount: number): void {
  if (attempt.closed === 'voided' || isRestOfCapture(attempt, amount)) return;
  const voids = draft.state.operations.filter((o) => o.kind === 'void' && o.attempt === attempt.id);
  const ours = voids.find(isUnresolved) ?? null;
  if (ours === null && !isWished(draft, attempt)) {
    const failed = voids.at(-1);
    if (failed) raise(draft, 'contradicting_outcome', failed.id, null, amount);
    else raise(draft, 'unrequested_void', attempt.id, 0, releasedAmount(attempt, amount));
  }
  approveVoid(draft, attempt, ours, amount, null);
}

/** What a final capture left goes back with it, and some providers tell that as a void. */
function isRestOfCapture({ closed, captured, authorized, reversed }: Attempt, amount: number): boolean {
  const all = captured >= authorized && amount >= captured && reversed < captured;
  return closed === 'captured' && !all;
}

/** We want the rest released: nobody wants the attempt, or a final capture of ours is under way, or came back. */
function isWished(draft: Draft, attempt: Attempt): boolean {
  const final = draft.state.captures.filter((c) => c.attempt === attempt.id && c.final);
  const begun = final.some((c) => c.amount > 0 && (c.status === 'pending' || isNamedFailure(c)));
  return reasonToRelease(draft.state, attempt) !== null || begun;
}

/** The provider has a name for it: it was carried out, and failed after that. */
function isNamedFailure({ status, movement }: Capture | Refund): boolean {
  return status === 'failed' && movement !== null;
}

function captured(draft: Draft, attempt: Attempt, fact: FactOf<'captured'>): void {
  const ours = operationOf(draft, fact.operation) ?? operationOf(draft, failedAs(draft.state.captures, fact));
  if (ours?.kind !== 'capture')
    return taken(draft, attempt, () => captureUnasked(draft, attempt, fact.movement, fact.amount));
  const reference = attempt.providerReference ?? fact.movement;
  const outcome = approval(reference, fact.movement, fact.amount, draft.times.provider_at);
  approveCapture(draft, attempt, ours, outcome, null);
}

/** Money was taken without an operation of ours that asked for it alone: a sale's capture, or the provider's. */
function taken(draft: Draft, attempt: Attempt, capture: () => void): void {
  const reason = reasonToRelease(draft.state, attempt);
  if (reason !== null && attempt.unwanted === null)
    emit(draft, 'attempt_abandoned', { attempt: attempt.id, reason, next: null });
  capture();
  if (attempt.unwanted === 'partial_approval') {
    // There is nothing left to void; what was captured over another amount than asked is for a person.
    withdraw(draft, 'compensation_failed', attempt.id);
    raise(draft, 'amount_mismatch', attempt.id, attempt.amount, attempt.authorized);
  }
  if (attempt.failure !== null && attempt.result !== 'authorized')
    raise(draft, 'contradicting_outcome', attempt.id, 0, attempt.amount);
  if (attempt.result === 'authorized') releaseUnwanted(draft, attempt.id);
}

function refunded(draft: Draft, attempt: Attempt, fact: FactOf<'refunded'>): void {
  const ours = operationOf(draft, fact.operation) ?? operationOf(draft, failedAs(draft.state.refunds, fact));
  if (ours?.kind !== 'refund') return refundUnasked(draft, attempt, fact.movement, fact.amount);
  const reference = attempt.providerReference ?? fact.movement;
  const outcome = approval(reference, fact.movement, fact.amount, draft.times.provider_at);
  approveRefund(draft, attempt, ours, outcome, null);
}

function reversed(draft: Draft, attempt: Attempt, fact: FactOf<'reversed'>): void {
  const { movement, amount, raw_code } = fact;
  if (known(draft, movement, 'reversal', amount)) return;
  const why = raw_code === undefined ? {} : { raw_code };
  emit(draft, 'capture_reversed', {
    attempt: attempt.id,
    provider: attempt.provider,
    amount,
    movement,
    ...why,
  });
}

/** Its refund is known: before that, the fact waits. */
function refundReturned(draft: Draft, attempt: Attempt, fact: FactOf<'refund_returned'>): void {
  const { movement, amount, of } = fact;
  if (known(draft, movement, 'return', amount)) return;
  const refund = draft.state.refunds.find((r) => r.movement === of);
  if (refund?.status !== 'succeeded' || amount > refund.amount)
    return raise(draft, 'contradicting_outcome', of, refund?.amount ?? 0, amount);
  emit(draft, 'refund_returned', { refund: refund.id, provider: attempt.provider, amount, movement });
}

/** Null also for an operation that this payment never had: what a provider says is recorded all the same. */
function operationOf(draft: Draft, id: string | null): Operation | null {
  return draft.state.operations.find((o) => o.id === id) ?? null;
}

/** Of a movement whose failure was told before its success: the operation that it was of. */
function failedAs(list: (Capture | Refund)[], { movement }: { movement: string }): string | null {
  return list.find((x) => x.movement === movement && isNamedFailure(x))?.operation ?? null;
}

function approval(
  provider_reference: string,
  movement: string | null,
  amount: number,
  provider_at: string | null,
): Approved {
  return {
    kind: 'approved',
    provider_reference,
    movement,
    amount,
    amount_captured: 0,
    details: null,
    provider_at,
  };
}
