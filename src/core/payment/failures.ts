/** What a refusal means for its operation: declined, refused as invalid, or never processed. */

import type { Outcome, ProviderCall } from '../outcome.ts';
import { type Draft, emit, raise, refundSale, releaseUnwanted } from './draft.ts';
import type { Failure } from './events.ts';
import { startAttempt } from './requests.ts';
import { type Attempt, authorizing, findAttempt, findRefund, isUnresolved, type Operation } from './state.ts';
import { memo } from './summary.ts';

export type Failed = Extract<Outcome, { kind: 'declined' | 'rejected' | 'not_sent' }>;

/** `movement`: the provider's id of what failed, where it has one. */
export function fail(
  draft: Draft,
  operation: Operation,
  outcome: Failed,
  call: ProviderCall | null,
  movement: string | null = null,
): void {
  const attempt = findAttempt(draft.state, operation.attempt);
  const told = { operation: operation.id, call, ...failure(outcome) };
  const named = movement === null ? {} : { movement };
  if (!isUnresolved(operation)) return failResolved(draft, attempt, operation, outcome, told);
  switch (operation.kind) {
    case 'authorize':
    case 'complete':
      return failAuthorization(draft, attempt, outcome, told);
    case 'capture':
      return emit(draft, 'capture_failed', { ...told, ...named, capture: operation.subject ?? '' });
    case 'void':
      return failVoid(draft, attempt, outcome, told);
    case 'refund': {
      const { id, amount } = findRefund(draft.state, operation.subject ?? '');
      emit(draft, 'refund_failed', { ...told, ...named, refund: id, provider: attempt.provider, amount });
      if (attempt.unwanted === null || asksAgain(draft, attempt, 'refund', outcome)) return;
      return raise(draft, 'compensation_failed', attempt.id, amount, 0);
    }
    default:
      return operation.kind satisfies never;
  }
}

function failVoid(draft: Draft, attempt: Attempt, outcome: Failed, told: Told): void {
  emit(draft, 'void_failed', { ...told, attempt: attempt.id });
  if (attempt.unwanted === null || asksAgain(draft, attempt, 'void', outcome)) return;
  // A void that was asked for before the approval came is asked for again; one after it was for a person.
  if (memo(attempt) > 0 && attempt.released !== undefined)
    return raise(draft, 'compensation_failed', attempt.id, null, null);
  if (attempt.result === 'authorized') releaseUnwanted(draft, attempt.id);
}

/** One release is asked for so often before a person is. */
const MOST_RELEASES = 10;

/** What nobody wants, and nobody but we would give back: a release that was never processed is asked for anew. */
function asksAgain(draft: Draft, { id }: Attempt, kind: 'void' | 'refund', { kind: why }: Failed): boolean {
  const attempt = findAttempt(draft.state, id);
  const tried = draft.state.operations.filter((o) => o.attempt === id && o.kind === kind);
  if (why !== 'not_sent' || attempt.unwanted === null || tried.length >= MOST_RELEASES) return false;
  if (kind === 'refund') return refundSale(draft, attempt, attempt.unwanted);
  if (attempt.result !== 'requires_action' && memo(attempt) === 0) return false;
  const operation = draft.context.id('operation');
  emit(draft, 'void_requested', { operation, attempt: id, reason: attempt.unwanted });
  return true;
}

/** A challenge is answered at the provider while its operation counts as done; all else contradicts. */
function failResolved(
  draft: Draft,
  attempt: Attempt,
  operation: Operation,
  outcome: Failed,
  told: Told,
): void {
  const ofAuthorization = operation.kind === 'authorize' || operation.kind === 'complete';
  if (ofAuthorization && isUndecided(attempt)) {
    const ended = authorizing(draft.state, attempt);
    return failAuthorization(draft, attempt, outcome, {
      ...told,
      operation: isUnresolved(ended) ? ended.id : null,
    });
  }
  if (ofAuthorization && (attempt.result === 'authorized' || attempt.captured > 0))
    raise(draft, 'contradicting_outcome', attempt.id, attempt.authorized, 0);
  if (!ofAuthorization && operation.status === 'approved')
    raise(draft, 'contradicting_outcome', operation.id, operation.amount, 0);
}

/** No approval and no refusal has been heard of, though it may have been cancelled. */
export function isUndecided({ result, failure }: Attempt): boolean {
  return (
    result === 'unresolved' || result === 'requires_action' || (result === 'canceled' && failure === null)
  );
}

type Told = { operation: string | null; call: ProviderCall | null } & Failure;

/** After the end of an attempt that was being replaced, its replacement starts. */
export function failAuthorization(draft: Draft, attempt: Attempt, outcome: Failed, told: Told): void {
  const provider_reference = 'provider_reference' in outcome ? outcome.provider_reference : null;
  emit(draft, 'authorization_failed', { ...told, attempt: attempt.id, provider_reference });
  if (attempt.captured > 0) raise(draft, 'contradicting_outcome', attempt.id, attempt.captured, 0);
  if (attempt.next) startAttempt(draft, attempt.next);
}

function failure(outcome: Failed): Failure {
  switch (outcome.kind) {
    case 'declined':
      return {
        reason: 'declined',
        decline: outcome.decline,
        raw_code: outcome.decline.raw_code,
        evidence: null,
      };
    case 'rejected':
      return { reason: 'rejected', decline: null, raw_code: outcome.raw_code, evidence: null };
    case 'not_sent':
      return { reason: 'not_sent', decline: null, raw_code: null, evidence: outcome.evidence };
    default:
      return outcome satisfies never;
  }
}
