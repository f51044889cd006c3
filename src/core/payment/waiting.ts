/**
 * Facts that come before what they belong to: kept in the state, applied as soon as that is known. So a return
 * before its refund, the end of a dispute before its beginning, and a total that an operation of ours may yet
 * explain end as if they had come in order.
 */

import { type Draft, emit, raise, withdraw } from './draft.ts';
import type { Fact, WaitingFact } from './fact.ts';
import { everRefunded } from './movements.ts';
import { findAttempt, nameOfTotal, type State, unreported, unresolved } from './state.ts';

/** One payment keeps so many facts waiting; what comes beyond goes to a person at once. */
export const MOST_WAITING = 100;

export function mustWait(state: State, fact: Fact): fact is WaitingFact {
  switch (fact.kind) {
    case 'refund_returned':
      return !state.refunds.some((r) => r.movement === fact.of);
    case 'dispute_won':
    case 'dispute_lost':
      return !state.disputes?.some((d) => d.id === fact.dispute);
    case 'captured_total': {
      const attempt = findAttempt(state, fact.attempt);
      const sale = attempt.capture !== null && attempt.result === 'unresolved';
      return fact.amount > attempt.captured && (sale || isBusy(state, fact.attempt, 'capture'));
    }
    case 'refunded_total':
      return (
        fact.amount > everRefunded(state.refunds, findAttempt(state, fact.attempt)) &&
        isBusy(state, fact.attempt, 'refund')
      );
    default:
      return false;
  }
}

export function keepWaiting(draft: Draft, fact: WaitingFact): void {
  const key = keyOf(fact);
  const waiting = draft.state.waiting ?? [];
  const before = waiting.find((w) => w.key === key)?.fact;
  if (before && !addsTo(draft, before, fact)) return;
  if (!before && waiting.length >= MOST_WAITING)
    return raise(draft, 'contradicting_outcome', key, null, null);
  emit(draft, 'fact_waiting', { key, fact });
}

/** The next fact whose time has come, and no longer in the state; null when all that wait still have to. */
export function nextResumed(draft: Draft): WaitingFact | null {
  const ready = draft.state.waiting?.find((w) => !mustWait(draft.state, w.fact));
  if (!ready) return null;
  emit(draft, 'fact_resumed', { key: ready.key });
  withdraw(draft, 'waiting_too_long', ready.key);
  return ready.fact;
}

/** `nothing-vanishes`: what waited too long is put before a person, until it is explained after all. */
export function reportWaiting(draft: Draft, receivedBy: string): void {
  for (const { key, fact } of unreported(draft.state)) {
    // Both as `toISOString` writes them: their letters sort as the times do.
    if (fact.received_at !== null && fact.received_at > receivedBy) continue;
    const amount = 'amount' in fact ? fact.amount : null;
    raise(draft, 'waiting_too_long', key, null, amount);
  }
}

/** Told again it is the same, or a total that has grown; with other content it is a conflict. */
function addsTo(draft: Draft, before: WaitingFact, fact: WaitingFact): boolean {
  if (!('amount' in before && 'amount' in fact)) return false;
  if (fact.kind !== 'refund_returned') return fact.amount > before.amount;
  if (before.amount !== fact.amount || ('of' in before && before.of !== fact.of))
    raise(draft, 'movement_conflict', fact.movement, before.amount, fact.amount);
  return false;
}

function keyOf(fact: WaitingFact): string {
  switch (fact.kind) {
    case 'refund_returned':
      return fact.movement;
    case 'dispute_won':
    case 'dispute_lost':
      return `${fact.dispute}/${fact.kind}`;
    case 'captured_total':
      return nameOfTotal(fact.attempt, 'captured');
    case 'refunded_total':
      return nameOfTotal(fact.attempt, 'refunded');
    default:
      return fact satisfies never;
  }
}

function isBusy(state: State, attempt: string, kind: 'capture' | 'refund'): boolean {
  return unresolved(state, kind).some((o) => o.attempt === attempt);
}
