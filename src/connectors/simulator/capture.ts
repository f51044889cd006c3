import type { CaptureRequest } from '../port.ts';

/** Takes a part of what is authorised; with `final` the provider releases the rest. */
export function captureCall({ providerReference, operation, amount, final }: CaptureRequest) {
  const path = `/v1/charges/${encodeURIComponent(providerReference)}/capture`;
  return { path, route: '/v1/charges/{id}/capture', body: { operation, amount, final } };
}
