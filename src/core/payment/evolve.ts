/** How each event changes the state. No decisions here: an event has happened, whatever one may think of it. */

import type { Event, EventData } from './events.ts';
import * as disputes from './evolve-disputes.ts';
import * as movements from './evolve-movements.ts';
import { begun, beyond, ended, failure, updateAttempt, withAttempt, withOperation } from './patch.ts';
import { type Attempt, findAttempt, type State } from './state.ts';
import { holdsMoney } from './summary.ts';

export function evolve(state: State | null, event: Event): State {
  if (event.type === 'payment_created') return created(event.data);
  if (state === null) throw new Error(`evolve: ${event.type} before payment_created`);
  return next(state, event);
}

function next(state: State, event: Exclude<Event, { type: 'payment_created' }>): State {
  switch (event.type) {
    case 'attempt_started':
      return started(state, event.data);
    case 'attempt_abandoned':
      return withAttempt(state, event.data.attempt, { unwanted: event.data.reason, next: event.data.next });
    case 'attempt_adopted':
      return withAttempt(state, event.data.attempt, { unwanted: null, next: null });
    case 'action_required':
      return actionRequired(state, event.data);
    case 'completion_requested':
      return completing(state, event.data);
    case 'authorization_approved':
      return approved(state, event.data);
    case 'authorization_failed':
      return authorizationFailed(state, event.data);
    case 'authorization_voided':
      return voided(state, event.data);
    case 'authorization_expired':
      return withAttempt(state, event.data.attempt, { closed: 'expired' });
    case 'capture_requested':
      return movements.captureRequested(state, event.data);
    case 'capture_succeeded':
      return movements.captured(state, event.data);
    case 'capture_failed':
      return movements.captureFailed(state, event.data);
    case 'capture_reversed':
      return movements.reversed(state, event.data);
    case 'void_requested':
      return voidRequested(state, event.data);
    case 'void_failed':
      return ended(state, event.data, event.data.reason);
    case 'refund_requested':
      return movements.refundRequested(state, event.data);
    case 'refund_succeeded':
      return movements.refunded(state, event.data);
    case 'refund_failed':
      return movements.refundFailed(state, event.data);
    case 'refund_returned':
      return movements.refundReturned(state, event.data);
    case 'operation_pending':
      return pending(state, event.data);
    case 'operation_unknown':
      return withOperation(state, event.data.operation, { status: 'unknown', sent: true });
    case 'call_recorded':
      return state;
    case 'operation_canceled':
      return withOperation(state, event.data.operation, { status: 'canceled' });
    case 'payment_voided':
      return { ...state, voided: true, attempts: state.attempts.map(notWanted) };
    case 'payment_failed':
      return { ...state, failed: true };
    case 'exception_raised': {
      const { exception: id, type, subject } = event.data;
      return { ...state, exceptions: [...state.exceptions, { id, type, subject }] };
    }
    case 'exception_withdrawn':
      return { ...state, exceptions: state.exceptions.filter((x) => x.id !== event.data.exception) };
    case 'dispute_opened':
      return disputes.opened(state, event.data);
    case 'dispute_won':
      return disputes.won(state, event.data);
    case 'dispute_lost':
      return disputes.lost(state, event.data);
    case 'fact_waiting': {
      const { key: id, fact } = event.data;
      const others = (state.waiting ?? []).filter((w) => w.key !== id);
      return { ...state, waiting: [...others, { key: id, fact }] };
    }
    case 'fact_resumed':
      return { ...state, waiting: (state.waiting ?? []).filter((w) => w.key !== event.data.key) };
    default:
      return event satisfies never;
  }
}

function created(data: EventData['payment_created']): State {
  return {
    id: data.payment,
    merchant: data.merchant,
    amount: data.amount,
    currency: data.currency,
    captureMethod: data.capture_method,
    funds: data.funds,
    allowPartialAuthorization: data.allow_partial_authorization,
    paymentMethod: data.payment_method,
    ...(data.off_session && { offSession: true as const }),
    ...(data.provider_account !== undefined && { providerAccount: data.provider_account }),
    attempts: [],
    captures: [],
    refunds: [],
    operations: [],
    movements: {},
    voided: false,
    failed: false,
    exceptions: [],
  };
}

function started(state: State, data: EventData['attempt_started']): State {
  const attempt: Attempt = {
    id: data.attempt,
    number: data.number,
    provider: data.provider,
    ...(data.routing.account !== undefined && { account: data.routing.account }),
    ...(data.routing.version !== undefined && { version: data.routing.version }),
    routing: data.routing,
    paymentMethod: data.payment_method,
    operation: data.operation,
    capture: data.capture,
    amount: data.amount,
    result: 'unresolved',
    providerReference: null,
    details: null,
    failure: null,
    action: null,
    unwanted: null,
    next: null,
    authorized: 0,
    captured: 0,
    refunded: 0,
    reversed: 0,
    disputed: 0,
    capturedBeyond: 0,
    refundedBeyond: 0,
    closed: null,
  };
  const attempts = [
    ...state.attempts.map((a) => (a.next?.attempt === data.attempt ? { ...a, next: null } : a)),
    attempt,
  ];
  return begun(
    { ...state, paymentMethod: data.payment_method, attempts },
    { ...data, kind: 'authorize', subject: data.capture },
  );
}

function completing(state: State, data: EventData['completion_requested']): State {
  const next = begun(state, { ...data, kind: 'complete', subject: null, amount: 0 });
  const { returned } = data;
  return withAttempt(next, data.attempt, {
    result: 'unresolved',
    ...(returned !== undefined && { returned }),
  });
}

/** Of an attempt that was voided meanwhile there is nothing left to confirm. */
function actionRequired(state: State, data: EventData['action_required']): State {
  const { attempt, round, action: next, provider_reference: providerReference } = data;
  const over = findAttempt(state, attempt).closed === 'voided';
  return withAttempt(
    ended(state, data, 'requires_action'),
    attempt,
    over ? { providerReference } : { result: 'requires_action', providerReference, action: { round, next } },
  );
}

function approved(state: State, data: EventData['authorization_approved']): State {
  const next = updateAttempt(ended(state, data, 'approved'), data.attempt, (a) => ({
    ...a,
    result: 'authorized',
    authorized: data.amount,
    providerReference: data.provider_reference,
    details: data.details ?? a.details,
    action: null,
    unwanted: data.adopted ? null : (data.unwanted ?? a.unwanted),
    next: data.adopted ? null : a.next,
  }));
  return beyond(next, data.attempt);
}

function authorizationFailed(state: State, data: EventData['authorization_failed']): State {
  return updateAttempt(ended(state, data, data.reason), data.attempt, (a) => ({
    ...a,
    result: data.reason,
    providerReference: data.provider_reference ?? a.providerReference,
    failure: failure(data),
    action: null,
    next: null,
  }));
}

function voided(state: State, data: EventData['authorization_voided']): State {
  return updateAttempt(ended(state, data, 'approved'), data.attempt, (a) => ({
    ...a,
    result: a.result === 'authorized' ? 'authorized' : 'canceled',
    action: null,
    closed: 'voided',
  }));
}

function voidRequested(state: State, data: EventData['void_requested']): State {
  const wanted = data.reason === 'voided';
  const attempt = findAttempt(state, data.attempt);
  const releases = (!wanted || attempt.unwanted !== null) && holdsMoney(attempt);
  const next = begun(state, { ...data, kind: 'void', subject: null, amount: 0 });
  return withAttempt(next, data.attempt, {
    ...(!wanted && { unwanted: data.reason }),
    ...(releases && { released: 'void' as const }),
  });
}

function pending(state: State, data: EventData['operation_pending']): State {
  const next = withOperation(state, data.operation, { status: 'pending', sent: true });
  const attempt = next.attempts.find((a) => a.operation === data.operation);
  if (!attempt || data.provider_reference === null) return next;
  return withAttempt(next, attempt.id, { providerReference: data.provider_reference });
}

function notWanted(attempt: Attempt): Attempt {
  const open = attempt.result === 'unresolved' || attempt.result === 'requires_action';
  return open ? { ...attempt, unwanted: 'voided', next: null } : attempt;
}
