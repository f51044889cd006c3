import type { VoidRequest } from '../port.ts';
import { type Call, ofPayment } from './client.ts';
import { actionBody } from './reference.ts';

/** By Checkout.com's id only: where nobody has told it, it is looked for first. */
export function voidCall(request: VoidRequest, id: string): Call {
  return { ...ofPayment(id, '/voids'), body: actionBody(request) };
}
