/** How captures, refunds and what becomes of them change the state: a part of `evolve`. */

import type { EventData } from './events.ts';
import {
  begun,
  beyond,
  ended,
  failure,
  move,
  uncovered,
  updateAttempt,
  upsert,
  withCapture,
  withRefund,
} from './patch.ts';
import { type Capture, findCapture, findRefund, nameOfTotal, type Refund, type State } from './state.ts';

export function captureRequested(state: State, data: EventData['capture_requested']): State {
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

export function captured(state: State, data: EventData['capture_succeeded']): State {
  const { capture: id, operation, attempt, amount, final, movement, covers } = data;
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
  const known = ended(state, data, 'approved');
  const moved =
    movement === nameOfTotal(attempt, 'captured')
      ? known
      : move(known, movement, { kind: 'capture', amount });
  const captures = upsert(uncovered(moved.captures, covers, movement), done);
  const next = updateAttempt({ ...moved, captures }, attempt, (a) => {
    const closed = final && a.closed === null ? 'captured' : a.closed;
    return { ...a, captured: a.captured + amount - (covers?.amount ?? 0), closed };
  });
  return beyond(next, attempt);
}

export function captureFailed(state: State, data: EventData['capture_failed']): State {
  const next = withCapture(ended(state, data, data.reason), data.capture, {
    status: 'failed',
    failure: failure(data),
    ...(data.movement !== undefined && { movement: data.movement }),
  });
  return beyond(next, findCapture(state, data.capture).attempt);
}

export function reversed(state: State, data: EventData['capture_reversed']): State {
  const moved = move(state, data.movement, { kind: 'reversal', amount: data.amount });
  const next = updateAttempt(moved, data.attempt, (a) => ({ ...a, reversed: a.reversed + data.amount }));
  return beyond(next, data.attempt);
}

export function refundRequested(state: State, data: EventData['refund_requested']): State {
  const { refund: id, operation, attempt, amount, cause, capture } = data;
  const refund: Refund = {
    id,
    attempt,
    operation,
    amount,
    status: 'pending',
    movement: null,
    returned: false,
    failure: null,
    ...(capture !== undefined && { capture }),
  };
  const next = begun(
    { ...state, refunds: [...state.refunds, refund] },
    { operation, kind: 'refund', attempt, subject: id, amount },
  );
  return cause === 'requested'
    ? next
    : updateAttempt(next, attempt, (a) => ({ ...a, unwanted: a.unwanted ?? cause, released: 'refund' }));
}

export function refunded(state: State, data: EventData['refund_succeeded']): State {
  const { refund: id, operation, attempt, amount, movement, covers } = data;
  // A movement that had come back already, and turns out to be of this refund.
  const returned = state.refunds.some((r) => r.movement === movement && r.returned);
  const done: Refund = {
    id,
    attempt,
    operation,
    amount,
    status: returned ? 'failed' : 'succeeded',
    movement,
    returned,
    failure: null,
  };
  const known = ended(state, data, 'approved');
  const moved =
    movement === nameOfTotal(attempt, 'refunded') ? known : move(known, movement, { kind: 'refund', amount });
  const refunds = upsert(uncovered(moved.refunds, covers, movement), done);
  const next = updateAttempt({ ...moved, refunds }, attempt, (a) => ({
    ...a,
    refunded: a.refunded + amount - (covers?.amount ?? 0),
  }));
  return beyond(next, attempt);
}

export function refundFailed(state: State, data: EventData['refund_failed']): State {
  const next = withRefund(ended(state, data, data.reason), data.refund, {
    status: 'failed',
    failure: failure(data),
    ...(data.movement !== undefined && { movement: data.movement }),
  });
  return beyond(next, findRefund(state, data.refund).attempt);
}

export function refundReturned(state: State, data: EventData['refund_returned']): State {
  const { attempt } = findRefund(state, data.refund);
  const moved = move(state, data.movement, { kind: 'return', amount: data.amount });
  const next = updateAttempt(
    withRefund(moved, data.refund, { status: 'failed', returned: true }),
    attempt,
    (a) => ({
      ...a,
      refunded: a.refunded - data.amount,
    }),
  );
  return beyond(next, attempt);
}
