import type { RefundRequest } from '../port.ts';
import { type Call, ofPayment } from './client.ts';
import { operationReference } from './reference.ts';

export function refundCall(request: RefundRequest, value: number): Call {
  const { currency, providerReference } = request;
  const body = { amount: { currency, value }, reference: operationReference(request) };
  return ofPayment(providerReference, 'refunds', body);
}
