import type { RefundRequest } from '../port.ts';
import { type Call, ofPayment } from './client.ts';
import { actionBody } from './reference.ts';

export function refundCall(request: RefundRequest, amount: number): Call {
  return { ...ofPayment(request.providerReference, '/refunds'), body: { amount, ...actionBody(request) } };
}
