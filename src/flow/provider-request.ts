/** What is asked of a provider for an operation; made from the state alone, so the same on every call for it. */

import type { ProviderRequest } from '../connectors/port.ts';
import { type Attempt, findAttempt, findCapture, findOperation, nameOfTotal } from '../core/payment/state.ts';
import type { State } from '../core/payment.ts';

export function requestOf(state: State, id: string, publicUrl: string): ProviderRequest {
  const operation = findOperation(state, id);
  const attempt = findAttempt(state, operation.attempt);
  const { currency, id: reference } = state;
  const common = { operation: id, attempt: attempt.id, reference, currency, amount: operation.amount };
  switch (operation.kind) {
    case 'authorize':
      return {
        ...common,
        kind: 'authorize',
        providerReference: attempt.providerReference,
        capture: attempt.capture !== null,
        paymentMethod: attempt.paymentMethod,
        offSession: state.offSession === true,
        returnUrl: `${publicUrl}/return/${attempt.id}`,
      };
    case 'complete':
      return {
        ...common,
        kind: 'complete',
        amount: attempt.amount,
        providerReference: charge(attempt),
        returned: attempt.returned ?? null,
      };
    case 'capture':
      return {
        ...common,
        kind: 'capture',
        providerReference: charge(attempt),
        final: findCapture(state, operation.subject ?? '').final,
      };
    case 'void':
      return {
        ...common,
        kind: 'void',
        providerReference: attempt.providerReference,
        captured: attempt.captured,
        asked: { capture: attempt.capture !== null, method: attempt.paymentMethod.type },
      };
    case 'refund':
      return {
        ...common,
        kind: 'refund',
        providerReference: charge(attempt),
        captureReference: captureOf(state, attempt, operation.subject),
      };
    default:
      return operation.kind satisfies never;
  }
}

/** The provider's id of the capture that was chosen, else of the first that it named; a total has none. */
function captureOf({ captures, refunds }: State, { id }: Attempt, refund: string | null): string | null {
  const total = nameOfTotal(id, 'captured');
  const named = captures.filter((c) => c.attempt === id && c.status === 'succeeded' && c.movement !== total);
  const chosen = refunds.find((r) => r.id === refund)?.capture;
  return (named.find((c) => c.id === chosen) ?? named[0])?.movement ?? null;
}

function charge(attempt: Attempt): string {
  if (attempt.providerReference === null)
    throw new Error(`attempt ${attempt.id} has no charge at the provider`);
  return attempt.providerReference;
}
