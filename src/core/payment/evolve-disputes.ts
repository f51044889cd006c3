/** How disputes change the state: a part of `evolve`. What is open or lost counts as disputed. */

import type { EventData } from './events.ts';
import { beyond, updateAttempt } from './patch.ts';
import type { Dispute, State } from './state.ts';

export function opened(state: State, { dispute: id, attempt, amount }: EventData['dispute_opened']): State {
  const dispute: Dispute = { id, attempt, amount, status: 'open' };
  return disputed({ ...state, disputes: [...(state.disputes ?? []), dispute] }, attempt, amount);
}

export function won(state: State, { dispute, attempt, amount }: EventData['dispute_won']): State {
  return disputed(withStatus(state, dispute, 'won'), attempt, -amount);
}

export function lost(state: State, { dispute, attempt, amount, after }: EventData['dispute_lost']): State {
  return disputed(withStatus(state, dispute, 'lost'), attempt, after === 'won' ? amount : 0);
}

function disputed(state: State, attempt: string, change: number): State {
  return beyond(
    updateAttempt(state, attempt, (a) => ({ ...a, disputed: a.disputed + change })),
    attempt,
  );
}

function withStatus(state: State, id: string, status: Dispute['status']): State {
  return { ...state, disputes: (state.disputes ?? []).map((d) => (d.id === id ? { ...d, status } : d)) };
}
