import type { VoidRequest } from '../port.ts';
import { type Call, ofPayment } from './client.ts';
import { cancelReference, operationReference, paymentReference, readReference } from './reference.ts';

/** By Adyen's reference where it is known, else by ours: also while nobody knows what became of the authorisation. */
export function voidCall(request: VoidRequest): Call {
  const psp = pspReferenceOf(request);
  if (psp !== null) return ofPayment(psp, 'cancels', { reference: operationReference(request) });
  const asked = request.asked ?? { capture: false, method: 'card' };
  const paymentReferenceOfIt = paymentReference(request, asked);
  const body = { paymentReference: paymentReferenceOfIt, reference: cancelReference(request) };
  return { path: '/cancels', route: '/cancels', body };
}

/** Until a redirect is over Adyen may have no reference of its own: then ours stands in its place. */
export function pspReferenceOf({ providerReference }: Pick<VoidRequest, 'providerReference'>): string | null {
  return providerReference === null || readReference(providerReference) !== null ? null : providerReference;
}
