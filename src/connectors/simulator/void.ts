import type { VoidRequest } from '../port.ts';

/**
 * Releases an authorisation. Where its id is not known the provider cancels by our attempt: one that never
 * reached it is refused should it arrive later, and the call is rejected as `not_found`.
 */
export function voidCall({ providerReference, operation, attempt, reference }: VoidRequest) {
  if (providerReference === null) {
    return { path: '/v1/voids', route: '/v1/voids', body: { operation, attempt, reference } };
  }
  const path = `/v1/charges/${encodeURIComponent(providerReference)}/void`;
  return { path, route: '/v1/charges/{id}/void', body: { operation } };
}
