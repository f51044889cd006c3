import type { RefundRequest } from '../port.ts';

/** Gives a part of what was captured back. */
export function refundCall({ providerReference, operation, amount }: RefundRequest) {
  const path = `/v1/charges/${encodeURIComponent(providerReference)}/refund`;
  return { path, route: '/v1/charges/{id}/refund', body: { operation, amount } };
}
