/** How each event changes the state. No decisions here: an event has happened, whatever one may think of it. */

import type { Event, EventData } from './events.ts';
import {
  begun,
  ended,
  failure,
  move,
  updateAttempt,
  upsert,
  withAttempt,
  withCapture,
  withOperation,
  withRefund,
} from './patch.ts';
import type { Attempt, Capture, Refund, State } from './state.ts';

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
    case 'action_required':
      return actionRequired(state, event.data);
    case 'completion_requested':
      return withAttempt(
        begun(state, { ...event.data, kind: 'complete', subject: null, amount: 0 }),
        event.data.attempt,
        {
          result: 'unresolved',
        },
      );
    case 'authorization_approved':
      return approved(state, event.data);
    case 'authorization_failed':
      return authorizationFailed(state, event.data);
    case 'authorization_voided':
      return voided(state, event.data);
    case 'authorization_expired':
      return withAttempt(state, event.data.attempt, { closed: 'expired' });
    case 'capture_requested':
      return captureRequested(state, event.data);
    case 'capture_succeeded':
      return captured(state, event.data);
    case 'capture_failed':
      return withCapture(ended(state, event.data, event.data.reason), event.data.capture, {
        status: 'failed',
        failure: failure(event.data),
      });
    case 'capture_reversed':
      return reversed(state, event.data);
    case 'void_requested':
      return voidRequested(state, event.data);
    case 'void_failed':
      return ended(state, event.data, event.data.reason);
    case 'refund_requested':
      return refundRequested(state, event.data);
    case 'refund_succeeded':
      return refunded(state, event.data);
    case 'refund_failed':
      return withRefund(ended(state, event.data, event.data.reason), event.data.refund, {
        status: 'failed',
        failure: failure(event.data),
      });
    case 'refund_returned':
      return refundReturned(state, event.data);
    case 'operation_pending':
      return pending(state, event.data);
    case 'operation_unknown':
      return withOperation(state, event.data.operation, { status: 'unknown', sent: true });
    case 'payment_voided':
      return { ...state, voided: true, attempts: state.attempts.map(notWanted) };
    case 'payment_failed':
      return { ...state, failed: true };
    case 'exception_raised': {
      const { exception: id, type, subject } = event.data;
      return { ...state, exceptions: [...state.exceptions, { id, type, subject }] };
    }
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

function actionRequired(state: State, data: EventData['action_required']): State {
  return withAttempt(ended(state, data, 'requires_action'), data.attempt, {
    result: 'requires_action',
    providerReference: data.provider_reference,
    action: { round: data.round, next: data.action },
  });
}

function approved(state: State, data: EventData['authorization_approved']): State {
  return updateAttempt(ended(state, data, 'approved'), data.attempt, (a) => ({
    ...a,
    result: 'authorized',
    authorized: data.amount,
    providerReference: data.provider_reference,
    details: data.details ?? a.details,
    action: null,
    unwanted: data.adopted ? null : a.unwanted,
    next: data.adopted ? null : a.next,
  }));
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

function captureRequested(state: State, data: EventData['capture_requested']): State {
  const { capture: id, operation, attempt, amount, final } = data;
  const capture: Capture = {
    id,
    attempt,
    operation,
    amount,
    final,
    status: 'pending',
    movement: null,
    failure: null,
  };
  return begun(
    { ...state, captures: [...state.captures, capture] },
    { operation, kind: 'capture', attempt, subject: id, amount },
  );
}

function captured(state: State, data: EventData['capture_succeeded']): State {
  const { capture: id, operation, attempt, amount, final, movement } = data;
  const done: Capture = {
    id,
    attempt,
    operation,
    amount,
    final,
    status: 'succeeded',
    movement,
    failure: null,
  };
  const moved = move(ended(state, data, 'approved'), movement, { kind: 'capture', amount });
  return updateAttempt({ ...moved, captures: upsert(moved.captures, done) }, attempt, (a) => {
    const sum = a.captured + amount;
    const closed = final && a.closed === null ? 'captured' : a.closed;
    return { ...a, captured: sum, capturedBeyond: Math.max(0, sum - a.authorized), closed };
  });
}

function reversed(state: State, data: EventData['capture_reversed']): State {
  return updateAttempt(
    move(state, data.movement, { kind: 'reversal', amount: data.amount }),
    data.attempt,
    (a) => ({
      ...a,
      reversed: a.reversed + data.amount,
    }),
  );
}

function voidRequested(state: State, data: EventData['void_requested']): State {
  const unwanted = data.reason === 'voided' ? null : data.reason;
  const next = begun(state, { ...data, kind: 'void', subject: null, amount: 0 });
  return unwanted ? withAttempt(next, data.attempt, { unwanted }) : next;
}

function refundRequested(state: State, data: EventData['refund_requested']): State {
  const { refund: id, operation, attempt, amount } = data;
  const refund: Refund = {
    id,
    attempt,
    operation,
    amount,
    status: 'pending',
    movement: null,
    returned: false,
    failure: null,
  };
  return begun(
    { ...state, refunds: [...state.refunds, refund] },
    { operation, kind: 'refund', attempt, subject: id, amount },
  );
}

function refunded(state: State, data: EventData['refund_succeeded']): State {
  const { refund: id, operation, attempt, amount, movement } = data;
  const done: Refund = {
    id,
    attempt,
    operation,
    amount,
    status: 'succeeded',
    movement,
    returned: false,
    failure: null,
  };
  const moved = move(ended(state, data, 'approved'), movement, { kind: 'refund', amount });
  return updateAttempt({ ...moved, refunds: upsert(moved.refunds, done) }, attempt, (a) => {
    const sum = a.refunded + amount;
    return { ...a, refunded: sum, refundedBeyond: Math.max(0, sum + a.reversed - a.captured) };
  });
}

function refundReturned(state: State, data: EventData['refund_returned']): State {
  const refund = state.refunds.find((r) => r.id === data.refund);
  const moved = move(state, data.movement, { kind: 'return', amount: data.amount });
  const next = withRefund(moved, data.refund, { status: 'failed', returned: true });
  return refund
    ? updateAttempt(next, refund.attempt, (a) => ({ ...a, refunded: a.refunded - data.amount }))
    : next;
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
