/** Small changes of the state, for `evolve`: each gives a new state and leaves the old one as it was. */

import type { Covers, Failure } from './events.ts';
import {
  type Attempt,
  type Capture,
  findAttempt,
  type Movement,
  type Operation,
  type Refund,
  type State,
} from './state.ts';
import { pendingCaptures, pendingRefunds } from './summary.ts';

type Begun = {
  operation: string;
  kind: Operation['kind'];
  attempt: string;
  subject: string | null;
  amount: number;
};

export function begun(state: State, { operation: id, kind, attempt, subject, amount }: Begun): State {
  const operation: Operation = { id, kind, attempt, subject, amount, status: 'sending', sent: false };
  return { ...state, operations: [...state.operations, operation] };
}

export function ended(
  state: State,
  { operation }: { operation: string | null },
  status: Operation['status'],
): State {
  return operation === null ? state : withOperation(state, operation, { status });
}

export function failure(data: Failure): Attempt['failure'] {
  return { reason: data.reason, decline: data.decline, rawCode: data.raw_code };
}

export function move(state: State, id: string, movement: Movement): State {
  return { ...state, movements: { ...state.movements, [id]: movement } };
}

export function withAttempt(state: State, id: string, change: Partial<Attempt>): State {
  return updateAttempt(state, id, (a) => ({ ...a, ...change }));
}

export function updateAttempt(state: State, id: string, change: (attempt: Attempt) => Attempt): State {
  return { ...state, attempts: state.attempts.map((a) => (a.id === id ? change(a) : a)) };
}

export function withOperation(state: State, id: string, change: Partial<Operation>): State {
  return { ...state, operations: state.operations.map((o) => (o.id === id ? { ...o, ...change } : o)) };
}

export function withCapture(state: State, id: string, change: Partial<Capture>): State {
  return { ...state, captures: state.captures.map((c) => (c.id === id ? { ...c, ...change } : c)) };
}

export function withRefund(state: State, id: string, change: Partial<Refund>): State {
  return { ...state, refunds: state.refunds.map((r) => (r.id === id ? { ...r, ...change } : r)) };
}

export function upsert<T extends { id: string }>(list: T[], item: T): T[] {
  return list.some((x) => x.id === item.id)
    ? list.map((x) => (x.id === item.id ? item : x))
    : [...list, item];
}

/**
 * Counts anew what the provider did beyond what it was asked for, after a fact: what is pending goes with it,
 * since a fact may use up what had been asked for. A request never widens these bounds.
 */
export function beyond(state: State, id: string): State {
  const attempt = findAttempt(state, id);
  const { authorized, captured, refunded, reversed, disputed } = attempt;
  const taken = captured + pendingCaptures(state, attempt);
  const given = refunded + pendingRefunds(state, attempt) + reversed + disputed;
  const capturedBeyond = Math.max(0, taken - authorized);
  const refundedBeyond = Math.max(0, given - captured);
  if (capturedBeyond === attempt.capturedBeyond && refundedBeyond === attempt.refundedBeyond) return state;
  return withAttempt(state, id, { capturedBeyond, refundedBeyond });
}

/** What another resource held before, and a movement now explains. It stays, since its id was given out. */
export function uncovered<T extends { id: string; amount: number; movement: string | null }>(
  list: T[],
  covers: Covers | undefined,
  by: string,
): T[] {
  if (!covers) return list;
  return list.map((x) =>
    x.id === covers.resource
      ? { ...x, amount: x.amount - covers.amount, movement: x.movement === by ? null : x.movement }
      : x,
  );
}
