/** What a provider tells of disputes. A contradiction ends in the worse result, and a person is told. */

import { type Draft, emit, raise, releaseUnwanted } from './draft.ts';
import type { FactOf } from './fact.ts';
import { type Attempt, findAttempt } from './state.ts';

export function disputed(draft: Draft, attempt: Attempt, { dispute, amount }: FactOf<'disputed'>): void {
  const before = find(draft, dispute);
  if (!before)
    return emit(draft, 'dispute_opened', {
      dispute,
      attempt: attempt.id,
      provider: attempt.provider,
      amount,
    });
  if (before.amount !== amount) raise(draft, 'movement_conflict', dispute, before.amount, amount);
}

/** Its dispute is known: before that, the fact waits. */
export function disputeEnded(draft: Draft, fact: FactOf<'dispute_won'>): void {
  const before = find(draft, fact.dispute);
  if (!before) return;
  const ending = fact.kind === 'dispute_won' ? 'won' : 'lost';
  if (before.status === ending) return;
  const attempt = findAttempt(draft.state, before.attempt);
  const data = { dispute: before.id, attempt: attempt.id, provider: attempt.provider, amount: before.amount };
  if (before.status !== 'open') raise(draft, 'contradicting_outcome', before.id, null, null);
  if (ending === 'lost')
    emit(draft, 'dispute_lost', { ...data, after: before.status === 'won' ? 'won' : 'open' });
  else if (before.status === 'open') emit(draft, 'dispute_won', data);
  releaseUnwanted(draft, attempt.id);
}

function find(draft: Draft, dispute: string) {
  return draft.state.disputes?.find((d) => d.id === dispute);
}
