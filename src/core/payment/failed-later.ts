/**
 * What was accepted and came to nothing after all: a capture, refund or void that the provider first said it would
 * do. The failure may be told before the success that it ended: both orders end alike, as money that came and went.
 */

import type { Approved } from '../outcome.ts';
import { type Draft, raise } from './draft.ts';
import type { FactOf } from './fact.ts';
import { type Failed, fail } from './failures.ts';
import { approveCapture, approveRefund, reverseFailed } from './movements.ts';
import { type Attempt, findOperation, type Operation } from './state.ts';

type FailureFact = FactOf<'capture_failed' | 'refund_failed' | 'void_failed'>;

const KINDS = { capture_failed: 'capture', refund_failed: 'refund', void_failed: 'void' } as const;

export function operationFailed(draft: Draft, attempt: Attempt, fact: FailureFact): void {
  const operation = draft.state.operations.find((o) => o.id === fact.operation);
  if (operation?.kind !== KINDS[fact.kind])
    return raise(draft, 'contradicting_outcome', fact.operation, null, 0);
  const movement = fact.kind === 'void_failed' ? null : fact.movement;
  if (movement === null || !draft.state.movements[movement])
    return fail(draft, operation, outcomeOf(fact), null, movement);
  claim(draft, attempt, operation, movement);
  reverseFailed(draft, findOperation(draft.state, operation.id), movement);
}

/** Its success was told without saying whose it is: it was this operation's. */
function claim(draft: Draft, attempt: Attempt, operation: Operation, movement: string): void {
  const list = operation.kind === 'capture' ? draft.state.captures : draft.state.refunds;
  if (list.some((x) => x.operation === operation.id && x.movement === movement)) return;
  const amount = draft.state.movements[movement]?.amount ?? 0;
  const outcome = {
    ...NOTHING_TOLD,
    provider_reference: attempt.providerReference ?? movement,
    movement,
    amount,
  };
  const approve = operation.kind === 'capture' ? approveCapture : approveRefund;
  approve(draft, attempt, operation, outcome, null);
}

const NOTHING_TOLD = {
  kind: 'approved',
  amount_captured: 0,
  details: null,
  provider_at: null,
} as const satisfies Partial<Approved>;

function outcomeOf({ decline, raw_code, provider_at }: FailureFact): Failed {
  return decline
    ? { kind: 'declined', decline, provider_reference: null, provider_at }
    : { kind: 'rejected', raw_code: raw_code ?? 'failed', message: '', provider_reference: null };
}
