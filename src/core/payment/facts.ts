/** What a provider did by its own account: adopted where it explains an operation of ours, recorded always. */

import type { Approved } from '../outcome.ts';
import type { Fact } from './commands.ts';
import { type Draft, emit, emitMoney, raise } from './draft.ts';
import { failAuthorization } from './failures.ts';
import { approveAuthorization, approveCapture, approveRefund, approveVoid, known } from './outcomes.ts';
import {
  type Attempt,
  findAttempt,
  findOperation,
  isUnresolved,
  type Operation,
  unresolved,
} from './state.ts';
import { memo } from './summary.ts';

export function recordFact(draft: Draft, fact: Fact): void {
  const attempt = findAttempt(draft.state, fact.attempt);
  switch (fact.kind) {
    case 'authorized':
      return authorized(draft, attempt, fact);
    case 'declined':
      return declined(draft, attempt, fact);
    case 'expired':
      if (attempt.closed === null && attempt.authorized > 0) {
        emitMoney(draft, 'authorization_expired', {
          attempt: attempt.id,
          provider: attempt.provider,
          operation: null,
          call: null,
        });
      }
      return;
    case 'voided':
      return voided(draft, attempt, fact.amount);
    case 'captured':
      return captured(draft, attempt, fact.movement, fact.operation, fact.amount);
    case 'refunded':
      return refunded(draft, attempt, fact.movement, fact.operation, fact.amount);
    case 'reversed':
      if (draft.state.movements[fact.movement]) return;
      return emit(draft, 'capture_reversed', {
        attempt: attempt.id,
        provider: attempt.provider,
        amount: fact.amount,
        movement: fact.movement,
      });
    case 'refund_returned':
      return refundReturned(draft, attempt, fact);
    case 'captured_total':
      return total(
        draft,
        attempt,
        fact.amount - attempt.captured,
        `${attempt.id}/captured/${fact.version}`,
        captured,
      );
    case 'refunded_total':
      return total(
        draft,
        attempt,
        fact.amount - attempt.refunded,
        `${attempt.id}/refunded/${fact.version}`,
        refunded,
      );
    default:
      return fact satisfies never;
  }
}

type Apply = (
  draft: Draft,
  attempt: Attempt,
  movement: string,
  operation: string | null,
  amount: number,
) => void;

/** Of a total only the difference that no movement explains is new; an older total says nothing. */
function total(draft: Draft, attempt: Attempt, difference: number, movement: string, apply: Apply): void {
  if (difference > 0 && !draft.state.movements[movement]) apply(draft, attempt, movement, null, difference);
}

function authorized(draft: Draft, attempt: Attempt, fact: Extract<Fact, { kind: 'authorized' }>): void {
  if (attempt.authorized === fact.amount) return;
  if (attempt.authorized > 0)
    return raise(draft, 'amount_mismatch', attempt.id, attempt.authorized, fact.amount);
  const outcome = approval(fact.provider_reference, null, fact.amount, fact.provider_at);
  approveAuthorization(
    draft,
    attempt,
    authorizing(draft, attempt),
    { ...outcome, details: fact.details },
    null,
  );
}

function declined(draft: Draft, attempt: Attempt, fact: Extract<Fact, { kind: 'declined' }>): void {
  const open = attempt.result === 'unresolved' || attempt.result === 'requires_action';
  if (attempt.result === 'authorized')
    return raise(draft, 'contradicting_outcome', attempt.id, attempt.authorized, 0);
  if (!open) return;
  const operation = authorizing(draft, attempt);
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

function voided(draft: Draft, attempt: Attempt, amount: number): void {
  if (attempt.closed !== null && memo(attempt) === 0) return;
  const ours = unresolved(draft.state, 'void').find((o) => o.attempt === attempt.id) ?? null;
  if (!ours) raise(draft, 'unrequested_void', attempt.id, 0, amount);
  approveVoid(draft, attempt, ours, amount, null);
}

function captured(
  draft: Draft,
  attempt: Attempt,
  movement: string,
  operation: string | null,
  amount: number,
): void {
  if (known(draft, movement, 'capture', amount)) return;
  const ours = operation === null ? null : findOperation(draft.state, operation);
  const outcome = approval(attempt.providerReference ?? movement, movement, amount, draft.times.provider_at);
  if (ours?.kind === 'capture') return approveCapture(draft, attempt, ours, outcome, null);
  const sale = attempt.capture !== null && !draft.state.captures.some((c) => c.id === attempt.capture);
  emitMoney(draft, 'capture_succeeded', {
    capture: sale && attempt.capture ? attempt.capture : draft.context.id('capture'),
    attempt: attempt.id,
    provider: attempt.provider,
    operation: null,
    call: null,
    amount,
    movement,
    final: sale,
  });
  if (!sale) raise(draft, 'unrequested_capture', movement, 0, amount);
}

function refunded(
  draft: Draft,
  attempt: Attempt,
  movement: string,
  operation: string | null,
  amount: number,
): void {
  if (known(draft, movement, 'refund', amount)) return;
  const ours = operation === null ? null : findOperation(draft.state, operation);
  const outcome = approval(attempt.providerReference ?? movement, movement, amount, draft.times.provider_at);
  if (ours) return approveRefund(draft, attempt, ours, outcome, null);
  emit(draft, 'refund_succeeded', {
    refund: draft.context.id('refund'),
    attempt: attempt.id,
    provider: attempt.provider,
    operation: null,
    call: null,
    amount,
    movement,
    from: 'unrequested',
    in_flight: 0,
  });
  raise(draft, 'unrequested_refund', movement, 0, amount);
}

function refundReturned(
  draft: Draft,
  attempt: Attempt,
  fact: Extract<Fact, { kind: 'refund_returned' }>,
): void {
  if (draft.state.movements[fact.movement]) return;
  const refund = draft.state.refunds.find((r) => r.movement === fact.of);
  if (refund?.status !== 'succeeded') return raise(draft, 'contradicting_outcome', fact.of, 0, fact.amount);
  emit(draft, 'refund_returned', {
    refund: refund.id,
    provider: attempt.provider,
    amount: fact.amount,
    movement: fact.movement,
  });
}

/** The operation that an authorisation fact ends: the completion that is under way, else the authorise. */
function authorizing(draft: Draft, attempt: Attempt): Operation {
  const open = unresolved(draft.state, 'complete').find((o) => o.attempt === attempt.id);
  return open ?? findOperation(draft.state, attempt.operation);
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
