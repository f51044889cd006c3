/** Which points in time a payment waits for. When they are due is the flow's business; that they exist, the core's. */

import { isUnresolved, type State, unreported } from './state.ts';
import { capturable, mainAttempt, status } from './summary.ts';

export type TimerKind =
  /** An operation that is being performed or whose outcome is not known: look it up. */
  | 'operation'
  /** A customer has something to do: ask the provider whether they have, give up after a while. */
  | 'action'
  /** Nobody has paid. */
  | 'unpaid'
  /** An authorisation that nobody captures lapses at the provider: ask when its time has come. */
  | 'authorization'
  /** A fact waits for what it belongs to: if that never comes, a person looks. */
  | 'waiting';

export type Timer = { kind: TimerKind; subject: string };

export function timers(state: State): Timer[] {
  const list: Timer[] = state.operations
    .filter(isUnresolved)
    .map((o) => ({ kind: 'operation', subject: o.id }));
  const busy = (attempt: string) => state.operations.some((o) => o.attempt === attempt && isUnresolved(o));
  for (const attempt of state.attempts) {
    if (attempt.result === 'requires_action' && !busy(attempt.id))
      list.push({ kind: 'action', subject: attempt.id });
  }
  const now = status(state);
  if (now === 'requires_payment_method' || now === 'requires_confirmation')
    list.push({ kind: 'unpaid', subject: state.id });
  const main = mainAttempt(state);
  if (main && capturable(state, main) > 0) list.push({ kind: 'authorization', subject: state.id });
  if (unreported(state).length > 0) list.push({ kind: 'waiting', subject: state.id });
  return list;
}
