import type { Answer, LookUpResult } from './port.ts';

/**
 * Where the provider goes on by itself once the customer has answered, to complete is to look how it ended: that it
 * could not be asked says nothing about that, so it is never `not_sent`.
 */
export function completionOf(found: LookUpResult): Answer {
  const { call } = found;
  if (found.kind === 'found') return { outcome: found.outcome, call };
  return { outcome: { kind: 'unknown', reason: 'lookup_unavailable' }, call };
}
