import type { CaptureRequest } from '../port.ts';
import { type Call, ofPayment } from './client.ts';
import { operationReference } from './reference.ts';

/** Adyen releases what is left, so only a final capture may be for less than what is held: see the capabilities. */
export function captureCall(request: CaptureRequest, value: number): Call {
  const { currency, providerReference } = request;
  const body = { amount: { currency, value }, reference: operationReference(request) };
  return ofPayment(providerReference, 'captures', body);
}
