/** Decisions on what a merchant or the clock asks for: create, confirm, complete, capture, void, refund, expire. */

import type { ErrorCode } from '../errors.ts';
import type { Command } from './commands.ts';
import { type Can, type Draft, emit } from './draft.ts';
import type { AttemptPlan } from './events.ts';
import { type Attempt, findAttempt, isUnresolved, type State, unresolved } from './state.ts';
import { capturable, isLive, mainAttempt, memo, netCaptured, refundable, status } from './summary.ts';

/** Null when the events are in the draft; else the code of the rejection, and nothing happened. */
export type Verdict = ErrorCode | null;

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

/** One payment takes so many attempts, captures and refunds, and no more. */
export const MOST = { attempts: 20, captures: 100, refunds: 200, rounds: 10 } as const;

export function startAttempt(draft: Draft, plan: AttemptPlan): void {
  const { amount, attempts } = draft.state;
  const number = attempts.length + 1;
  emit(draft, 'attempt_started', { ...plan, number, provider: plan.routing.provider, amount });
}

export function confirm(draft: Draft, command: Of<'confirm'>): Verdict {
  const { state } = draft;
  const now = status(state);
  if (now === 'processing') return 'operation_unresolved';
  if (now === 'requires_action') return replaceAttempt(draft, command);
  if (now !== 'requires_payment_method' && now !== 'requires_confirmation') return 'payment_not_confirmable';
  if (state.attempts.some(isLive)) return 'operation_unresolved';
  if (command.plan === null || (state.attempts.length > 0 && !command.newMethod))
    return 'payment_method_missing';
  if (state.attempts.length >= MOST.attempts) return 'too_many_attempts';
  startAttempt(draft, command.plan);
  return null;
}

/** Another tab, another card: the open challenge is cancelled first, and the next attempt waits for that. */
function replaceAttempt(draft: Draft, { plan, newMethod, cancel }: Of<'confirm'>): Verdict {
  const open = mainAttempt(draft.state);
  if (!open || plan === null || !newMethod) return 'customer_action_pending';
  if (draft.state.attempts.length >= MOST.attempts) return 'too_many_attempts';
  abandon(draft, open, 'replaced', cancel, plan);
  return null;
}

function abandon(
  draft: Draft,
  attempt: Attempt,
  reason: 'replaced' | 'voided' | 'challenge_expired',
  operation: string,
  next: AttemptPlan | null,
): void {
  emit(draft, 'attempt_abandoned', { attempt: attempt.id, reason, next });
  emit(draft, 'void_requested', { operation, attempt: attempt.id, reason });
}

/** Its approval, should it come first, asks for the release itself. */
export function cancelUnresolved(draft: Draft, command: Of<'cancel_unresolved'>): Verdict {
  const { operations } = draft.state;
  const operation = operations.find((o) => o.id === command.operation);
  const attempt = draft.state.attempts.find((a) => a.id === operation?.attempt);
  if (operation?.kind !== 'authorize' || operation.status !== 'unknown' || !attempt?.unwanted) return null;
  if (operations.some((o) => o.kind === 'void' && o.attempt === attempt.id)) return null;
  const reason = attempt.unwanted;
  emit(draft, 'void_requested', { operation: command.cancel, attempt: attempt.id, reason });
  return null;
}

/** Whether it had been approved before the cancel is not known, and holds nothing either way. */
export function endCanceled(draft: Draft, { operation: id }: Of<'end_canceled'>): void {
  const operation = draft.state.operations.find((o) => o.id === id);
  if (!operation || !isUnresolved(operation) || operation.kind === 'void') return;
  const attempt = findAttempt(draft.state, operation.attempt);
  if (attempt.result === 'canceled')
    emit(draft, 'operation_canceled', { operation: id, attempt: attempt.id });
}

export function complete(draft: Draft, command: Of<'complete'>): Verdict {
  const attempt = draft.state.attempts.find((a) => a.id === command.attempt);
  if (attempt?.result !== 'requires_action' || attempt.action?.round !== command.round)
    return 'nothing_to_complete';
  if (attempt.unwanted !== null || unresolved(draft.state).some((o) => o.attempt === attempt.id))
    return 'nothing_to_complete';
  if (command.round > MOST.rounds) return 'nothing_to_complete';
  const { operation, round, returned } = command;
  emit(draft, 'completion_requested', {
    attempt: attempt.id,
    operation,
    round,
    provider: attempt.provider,
    ...(returned !== undefined && { returned }),
  });
  return null;
}

export function capture(draft: Draft, command: Of<'capture'>): Verdict {
  const { state } = draft;
  const attempt = mainAttempt(state);
  const now = status(state);
  if (now === 'processing') return 'operation_unresolved';
  if (!attempt || (now !== 'authorized' && now !== 'partially_captured')) return captureBlocked(draft);
  if (unresolved(state, 'void').length > 0) return 'operation_unresolved';
  if (hasUnknown(draft, 'capture') || hasFinalCapture(draft)) return 'operation_unresolved';
  const amount = command.amount ?? capturable(state, attempt);
  if (amount > capturable(state, attempt) || amount === 0) return 'amount_exceeds_capturable';
  if (state.captures.length >= MOST.captures) return 'too_many_captures';
  const { capture: id, operation, final } = command;
  const refusal = captureOffered(draft, attempt, amount, final);
  if (refusal !== null) return refusal;
  emit(draft, 'capture_requested', { capture: id, operation, attempt: attempt.id, amount, final });
  return null;
}

/** A capture that leaves the rest capturable asks for another one after it. */
function captureOffered(draft: Draft, attempt: Attempt, amount: number, final: boolean): Verdict {
  const others = draft.state.captures.some((c) => c.attempt === attempt.id && c.status !== 'failed');
  const part = amount < memo(attempt);
  return (
    (part ? offered(draft, attempt, 'partial_capture') : null) ??
    (others || (part && !final) ? offered(draft, attempt, 'multiple_captures') : null)
  );
}

/** Null when the attempt's provider can do it: what it cannot is refused before anybody is called. */
function offered(draft: Draft, attempt: Attempt, capability: keyof Can): Verdict {
  if (draft.context.can?.(attempt)[capability] ?? true) return null;
  draft.unsupported = { capability, provider: attempt.provider };
  return 'not_supported_by_provider';
}

/** A final capture that is under way hides the status `partially_captured`: it is unresolved, not done. */
function captureBlocked(draft: Draft): Verdict {
  return hasFinalCapture(draft) ? 'operation_unresolved' : 'payment_not_capturable';
}

export function voidPayment(draft: Draft, command: Of<'void'>): Verdict {
  const { state } = draft;
  const attempt = mainAttempt(state);
  const now = status(state);
  if (now === 'voided') return 'payment_already_voided';
  if (now === 'failed' || now === 'expired') return 'payment_not_voidable';
  const rest = now === 'partially_captured';
  if (!rest && ((attempt && netCaptured(attempt) > 0) || now === 'captured'))
    return 'payment_already_captured';
  if (unresolved(state).some((o) => o.kind === 'void' || o.kind === 'capture')) return 'operation_unresolved';
  if (state.voided) return 'operation_unresolved';
  const held = attempt && (rest || now === 'authorized');
  const refusal = held ? offered(draft, attempt, rest ? 'void_remainder' : 'void') : null;
  if (refusal !== null) return refusal;
  if (attempt && now === 'requires_action') abandon(draft, attempt, 'voided', command.operation, null);
  if (held)
    emit(draft, 'void_requested', { operation: command.operation, attempt: attempt.id, reason: 'voided' });
  else emit(draft, 'payment_voided', {});
  return null;
}

export function refund(draft: Draft, command: Of<'refund'>): Verdict {
  const { state } = draft;
  const attempt = mainAttempt(state);
  if (status(state) === 'processing') return 'operation_unresolved';
  if (!attempt || attempt.captured === 0) return 'payment_not_refundable';
  if (hasUnknown(draft, 'refund')) return 'operation_unresolved';
  const amount = command.amount ?? refundable(state, attempt);
  if (amount > refundable(state, attempt) || amount === 0) return 'amount_exceeds_refundable';
  if (state.refunds.length >= MOST.refunds) return 'too_many_refunds';
  const others = state.refunds.some((r) => r.attempt === attempt.id && r.status !== 'failed');
  const refusal =
    (amount < attempt.captured ? offered(draft, attempt, 'partial_refund') : null) ??
    (others ? offered(draft, attempt, 'multiple_refunds') : null);
  if (refusal !== null) return refusal;
  const source = sourceOf(state, attempt.id, amount);
  const across = source === 'several' ? offered(draft, attempt, 'refund_across_captures') : null;
  if (across !== null) return across;
  const { refund: id, operation } = command;
  emit(draft, 'refund_requested', {
    refund: id,
    operation,
    attempt: attempt.id,
    provider: attempt.provider,
    amount,
    cause: 'requested',
    ...(source !== null && source !== 'several' && { capture: source }),
  });
  return null;
}

/**
 * Which capture a refund is given back of: the one with the least left that is enough, so that large ones stay for
 * large refunds. Null where there is no choice.
 */
function sourceOf(state: State, attempt: string, amount: number): string | 'several' | null {
  const captures = state.captures.filter((c) => c.attempt === attempt && c.status === 'succeeded');
  if (captures.length < 2) return null;
  const left = (id: string, took: number) =>
    state.refunds
      .filter((r) => r.capture === id && r.status !== 'failed' && !r.returned)
      .reduce((sum, r) => sum - r.amount, took);
  const [least] = captures
    .map((c) => ({ id: c.id, left: left(c.id, c.amount) }))
    .filter((c) => c.left >= amount)
    .sort((a, b) => a.left - b.left);
  return least?.id ?? 'several';
}

export function expire(draft: Draft, command: Of<'expire'>): Verdict {
  const now = status(draft.state);
  const attempt = mainAttempt(draft.state);
  if (now === 'requires_action' && attempt) {
    abandon(draft, attempt, 'challenge_expired', command.operation, null);
    return null;
  }
  if (now !== 'requires_payment_method' && now !== 'requires_confirmation') return 'nothing_to_expire';
  emit(draft, 'payment_failed', { reason: 'unpaid_too_long' });
  return null;
}

/** Under a new key, after an unknown one of the same kind, the caller may be asking for the same thing again. */
function hasUnknown(draft: Draft, kind: 'capture' | 'refund'): boolean {
  return unresolved(draft.state, kind).some((o) => o.status === 'unknown');
}

function hasFinalCapture(draft: Draft): boolean {
  return draft.state.captures.some((c) => c.final && c.status === 'pending');
}
