import type { CaptureRequest } from '../port.ts';
import { type Call, ofPayment } from './client.ts';
import { actionBody } from './reference.ts';

/** The only one of its payment: what is left is released. */
export function captureCall(request: CaptureRequest, amount: number): Call {
  const body = { amount, capture_type: 'Final', ...actionBody(request) };
  return { ...ofPayment(request.providerReference, '/captures'), body };
}
