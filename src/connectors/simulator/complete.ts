import type { CompleteRequest } from '../port.ts';

/** Finishes a challenge that the customer has answered; only now does the money move. */
export function completeCall({ providerReference, operation }: CompleteRequest) {
  const path = `/v1/charges/${encodeURIComponent(providerReference)}/complete`;
  return { path, route: '/v1/charges/{id}/complete', body: { operation } };
}
