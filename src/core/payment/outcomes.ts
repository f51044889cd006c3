/** What an outcome means for its operation: the one ending of inline answers, look-ups and provider facts. */

import { type Approved, keptDetails, type Outcome, type ProviderCall } from '../outcome.ts';
import { type Draft, emit, emitMoney, raise, reasonToRelease, releaseUnwanted } from './draft.ts';
import { fail } from './failures.ts';
import { approveCapture, approveRefund, captureTotal, captureUnasked, takeBackVoided } from './movements.ts';
import { startAttempt } from './requests.ts';
import {
  type Attempt,
  authorizing,
  findAttempt,
  findOperation,
  isUnresolved,
  type Operation,
  unresolved,
} from './state.ts';
import { memo } from './summary.ts';

export function recordOutcome(draft: Draft, id: string, outcome: Outcome, call: ProviderCall | null): void {
  const operation = findOperation(draft.state, id);
  switch (outcome.kind) {
    case 'approved':
      return approve(draft, operation, outcome, call);
    case 'declined':
    case 'rejected':
      return fail(draft, operation, outcome, call);
    case 'not_sent':
      return notSent(draft, operation, outcome, call);
    case 'requires_action':
      return requireAction(draft, operation, outcome, call);
    case 'pending':
      if (isUnresolved(operation) && operation.status !== 'pending') {
        emit(draft, 'operation_pending', {
          operation: id,
          provider_reference: outcome.provider_reference,
          call,
        });
      }
      return;
    case 'unknown':
      // A look-up that could not be made says nothing new; a call that was made is part of the history.
      if (isUnresolved(operation) && (call !== null || operation.status !== 'unknown')) {
        emit(draft, 'operation_unknown', { operation: id, reason: outcome.reason, call });
      }
      if (outcome.reason === 'reference_conflict') raise(draft, 'reference_conflict', id, null, null);
      return;
    default:
      return outcome satisfies never;
  }
}

/** Only the provider's own word can undo that some call may have been processed. */
function notSent(
  draft: Draft,
  operation: Operation,
  outcome: Extract<Outcome, { kind: 'not_sent' }>,
  call: ProviderCall | null,
): void {
  // Of what is over, a call that was turned away says nothing.
  if (!isUnresolved(operation) && outcome.evidence !== 'lookup') return;
  const ended = outcome.evidence === 'lookup' || !(operation.sent || isRelease(draft, operation));
  if (ended) return fail(draft, operation, outcome, call);
  const reason = operation.sent ? 'repetition_not_sent' : 'release_not_sent';
  emit(draft, 'operation_unknown', { operation: operation.id, reason, call });
}

/** What gives back an attempt that nobody wants: no caller would repeat it, so it goes on until it is done. */
function isRelease(draft: Draft, { kind, attempt }: Operation): boolean {
  return (kind === 'void' || kind === 'refund') && findAttempt(draft.state, attempt).unwanted !== null;
}

function requireAction(
  draft: Draft,
  operation: Operation,
  outcome: Extract<Outcome, { kind: 'requires_action' }>,
  call: ProviderCall | null,
): void {
  if (!isUnresolved(operation)) return;
  const attempt = findAttempt(draft.state, operation.attempt);
  const round = (attempt.action?.round ?? 0) + 1;
  const { provider_reference, action } = outcome;
  emit(draft, 'action_required', {
    operation: operation.id,
    attempt: attempt.id,
    round,
    provider_reference,
    action,
    call,
  });
  // The merchant voided while the answer was on its way: nobody will confirm this challenge any more.
  const { unwanted, closed } = findAttempt(draft.state, attempt.id);
  if (unwanted && closed !== 'voided')
    emit(draft, 'void_requested', {
      operation: draft.context.id('operation'),
      attempt: attempt.id,
      reason: unwanted,
    });
}

function approve(draft: Draft, operation: Operation, outcome: Approved, call: ProviderCall | null): void {
  const attempt = findAttempt(draft.state, operation.attempt);
  switch (operation.kind) {
    case 'authorize':
    case 'complete':
      return approveAuthorization(draft, attempt, authorizing(draft.state, attempt), outcome, call);
    case 'capture':
      return approveCapture(draft, attempt, operation, outcome, call);
    case 'void':
      return approveVoid(draft, attempt, operation, outcome.amount, call);
    case 'refund':
      return approveRefund(draft, attempt, operation, outcome, call);
    default:
      return operation.kind satisfies never;
  }
}

export function approveAuthorization(
  draft: Draft,
  attempt: Attempt,
  operation: Operation,
  outcome: Approved,
  call: ProviderCall | null,
): void {
  const ending = isUnresolved(operation) ? operation.id : null;
  const adopted = attempt.next !== null && ending === null && !isBeingVoided(draft, attempt);
  const reason = adopted ? null : reasonToRelease(draft.state, attempt);
  if (attempt.authorized === 0 || ending !== null) {
    emitMoney(draft, 'authorization_approved', {
      attempt: attempt.id,
      operation: ending,
      call,
      provider: attempt.provider,
      provider_reference: outcome.provider_reference,
      amount: outcome.amount,
      details: keptDetails(outcome.details),
      late: ending === null || attempt.unwanted !== null,
      adopted,
      ...(reason !== null && attempt.unwanted === null && { unwanted: reason }),
    });
    if (attempt.failure !== null) raise(draft, 'contradicting_outcome', attempt.id, 0, outcome.amount);
    if (outcome.amount !== attempt.amount) judgeAmount(draft, attempt, outcome);
  }
  if (outcome.amount_captured > 0) captureOfSale(draft, attempt, outcome);
  releaseUnwanted(draft, attempt.id);
}

function isBeingVoided(draft: Draft, attempt: Attempt): boolean {
  return unresolved(draft.state, 'void').some((o) => o.attempt === attempt.id);
}

/** Less than asked is no payment unless the merchant takes it; more, or captured already, is for a person. */
function judgeAmount(draft: Draft, attempt: Attempt, outcome: Approved): void {
  const less = outcome.amount < attempt.amount;
  if (less && draft.state.allowPartialAuthorization) return;
  if (!less || outcome.amount_captured > 0 || attempt.captured > 0)
    return raise(draft, 'amount_mismatch', attempt.id, attempt.amount, outcome.amount);
  if (memo(findAttempt(draft.state, attempt.id)) === 0) return;
  emit(draft, 'void_requested', {
    operation: draft.context.id('operation'),
    attempt: attempt.id,
    reason: 'partial_approval',
  });
}

/** Without an id of the capture's own it is a total, which a movement may name later. */
function captureOfSale(draft: Draft, attempt: Attempt, { movement, amount_captured }: Approved): void {
  const now = findAttempt(draft.state, attempt.id);
  if (movement === null) captureTotal(draft, now, amount_captured);
  else captureUnasked(draft, now, movement, amount_captured);
}

/** Of what is captured in part some providers tell the void with all that had been authorised. */
export function releasedAmount(attempt: Attempt, told: number): number {
  const rest = attempt.captured > 0 ? memo(attempt) : 0;
  return rest > 0 ? Math.min(told, rest) : told;
}

export function approveVoid(
  draft: Draft,
  attempt: Attempt,
  operation: Operation | null,
  amount: number,
  call: ProviderCall | null,
): void {
  if (attempt.closed === 'voided') return;
  const { next, id, provider } = attempt;
  if (operation && !isUnresolved(operation))
    raise(draft, 'contradicting_outcome', operation.id, null, amount);
  emitMoney(draft, 'authorization_voided', {
    attempt: id,
    provider,
    operation: operation?.id ?? null,
    call,
    amount: releasedAmount(attempt, amount),
  });
  if (amount >= attempt.captured) takeBackVoided(draft, id);
  if (next) startAttempt(draft, next);
  else releaseUnwanted(draft, id);
}
