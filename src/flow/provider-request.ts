/** What is asked of a provider for an operation; made from the state alone, so the same on every call for it. */

import type { ProviderRequest } from '../connectors/port.ts';
import { type Attempt, findAttempt, findCapture, findOperation } from '../core/payment/state.ts';
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
        capture: attempt.capture !== null,
        paymentMethod: attempt.paymentMethod,
        returnUrl: `${publicUrl}/return/${attempt.id}`,
      };
    case 'complete':
      return { ...common, kind: 'complete', amount: attempt.amount, providerReference: charge(attempt) };
    case 'capture':
      return {
        ...common,
        kind: 'capture',
        providerReference: charge(attempt),
        final: findCapture(state, operation.subject ?? '').final,
      };
    case 'void':
      return { ...common, kind: 'void', providerReference: attempt.providerReference };
    case 'refund':
      return { ...common, kind: 'refund', providerReference: charge(attempt) };
    default:
      return operation.kind satisfies never;
  }
}

function charge(attempt: Attempt): string {
  if (attempt.providerReference === null)
    throw new Error(`attempt ${attempt.id} has no charge at the provider`);
  return attempt.providerReference;
}
