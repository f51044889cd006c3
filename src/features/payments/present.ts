/** A payment and its resources as the API shows them: snake_case, minor units, derived from the state alone. */

import { type Decline, declineRule } from '../../core/declines.ts';
import { idTimeMs } from '../../core/ids.ts';
import {
  type Attempt,
  accountOf,
  type Capture,
  isUnresolved,
  type Operation,
  type Refund,
} from '../../core/payment/state.ts';
import { amounts, mainAttempt, status } from '../../core/payment/summary.ts';
import type { State } from '../../core/payment.ts';
import type { TimerRow } from '../../flow/stream.ts';
import type { Details } from './types.ts';

/** What an answer needs beside the state. */
export type Beside = {
  mode: 'test' | 'live';
  reference: string | null;
  /** Null once erased. */
  details: Partial<Details> | null;
  /** Due time of an operation's next look-up, ISO 8601, if known. */
  nextAt: (operation: string) => string | null;
};

export function presentPayment(state: State, beside: Beside): object {
  const sums = amounts(state);
  const latest = state.attempts.at(-1);
  return {
    id: state.id,
    object: 'payment',
    mode: beside.mode,
    status: status(state),
    amount: state.amount,
    currency: state.currency,
    amount_authorized: sums.authorized,
    amount_capturable: sums.capturable,
    amount_captured: sums.captured,
    amount_refunded: sums.refunded,
    amount_refundable: sums.refundable,
    amount_reversed: sums.reversed,
    amount_disputed: sums.disputed,
    capture_method: state.captureMethod,
    allow_partial_authorization: state.allowPartialAuthorization,
    payment_method: state.paymentMethod ? { type: state.paymentMethod.type } : null,
    off_session: state.offSession === true,
    reference: beside.reference,
    description: beside.details?.description ?? null,
    metadata: beside.details?.metadata ?? {},
    return_url: beside.details?.return_url ?? null,
    customer: beside.details?.customer ?? null,
    channel: beside.details?.channel ?? null,
    billing_country: beside.details?.billing_country ?? null,
    latest_attempt: latest ? presentAttempt(state, latest) : null,
    next_action: nextAction(state),
    pending_operations: state.operations.filter(isUnresolved).map((o) => presentOperation(o, beside)),
    captures: state.captures.map((c) => c.id),
    refunds: state.refunds.map((r) => r.id),
    exceptions: state.exceptions.map((x) => ({ id: x.id, type: x.type })),
    created_at: createdAt(state.id),
  };
}

/** What a browser may know of a payment: a publishable key is in every visitor's hands. */
export function presentToBrowser(state: State): object {
  const decline = state.attempts.at(-1)?.failure?.decline ?? null;
  const { id, amount, currency } = state;
  const message = decline ? declineRule(decline.reason).customer_message : null;
  return {
    id,
    object: 'payment',
    status: status(state),
    amount,
    currency,
    next_action: nextAction(state),
    customer_message: message,
  };
}

export function presentCapture(state: State, capture: Capture, beside: Beside): object {
  return { ...presentMovement(state, capture, beside), object: 'capture', final: capture.final };
}

/** What the merchant said of a refund: kept beside its event, where it can be erased. */
export type RefundDetails = { reason: string | null; metadata: Record<string, string> };

export function presentRefund(
  state: State,
  refund: Refund,
  beside: Beside,
  { reason, metadata }: RefundDetails,
): object {
  const { returned } = refund;
  return { ...presentMovement(state, refund, beside), object: 'refund', reason, metadata, returned };
}

function presentMovement(state: State, of: Capture | Refund, beside: Beside): object {
  const operation = state.operations.find((o) => o.id === of.operation);
  return {
    id: of.id,
    payment: state.id,
    amount: of.amount,
    currency: state.currency,
    status: of.status,
    provider_reference: of.movement,
    decline: presentDecline(of.failure?.decline ?? null),
    failure: of.failure ? { reason: of.failure.reason, raw_code: of.failure.rawCode } : null,
    pending_operation: operation && isUnresolved(operation) ? presentOperation(operation, beside) : null,
    created_at: createdAt(of.id),
  };
}

export function presentAttempt(state: State, attempt: Attempt): object {
  const { details } = attempt;
  return {
    id: attempt.id,
    number: attempt.number,
    provider: attempt.provider,
    provider_account: accountOf(attempt),
    connector_version: attempt.version ?? null,
    provider_reference: attempt.providerReference,
    outcome: attemptOutcome(state, attempt),
    decline: presentDecline(attempt.failure?.decline ?? null),
    failure: attempt.failure ? { reason: attempt.failure.reason, raw_code: attempt.failure.rawCode } : null,
    routing: attempt.routing,
    authorization_code: details?.authorization_code ?? null,
    bin: details?.bin ?? null,
    last4: details?.last4 ?? null,
    avs_result: details?.avs_result ?? null,
    cvc_result: details?.cvc_result ?? null,
    eci: details?.eci ?? null,
    network_transaction_id: details?.network_transaction_id ?? null,
    amount_authorized: attempt.authorized,
    amount_captured: attempt.captured,
    amount_refunded: attempt.refunded,
  };
}

export function presentDecline(decline: Decline | null): object | null {
  if (decline === null) return null;
  const { retry, customer_message } = declineRule(decline.reason);
  return { ...decline, retry, customer_message };
}

/** The attempt's outcome in the words of DESIGN.md; `canceled` when it was given up before it had one. */
function attemptOutcome(state: State, attempt: Attempt): string {
  if (attempt.result === 'authorized') return 'approved';
  if (attempt.result !== 'unresolved') return attempt.result;
  const unknown = state.operations.some((o) => o.attempt === attempt.id && o.status === 'unknown');
  return unknown ? 'unknown' : 'pending';
}

function nextAction(state: State): object | null {
  const main = mainAttempt(state);
  return status(state) === 'requires_action' && main?.action ? main.action.next : null;
}

function presentOperation(operation: Operation, beside: Beside): object {
  const unknown = operation.status === 'unknown';
  return {
    id: operation.id,
    kind: operation.kind,
    amount: operation.amount,
    status: unknown ? 'unknown' : 'pending',
    next_step:
      operation.status === 'sending'
        ? 'the provider is being called'
        : 'the provider is asked what became of it',
    next_at: beside.nextAt(operation.id),
  };
}

export function nextAtFrom(
  timers: TimerRow[],
  uuidOf: (id: string) => string,
): (operation: string) => string | null {
  return (operation) => {
    const timer = timers.find((t) => t.kind === 'operation' && t.subject === uuidOf(operation));
    return timer ? new Date(timer.due_at).toISOString() : null;
  };
}

function createdAt(id: string): string {
  return new Date(idTimeMs(id)).toISOString();
}
