import type { Outcome } from '../../core/outcome.ts';
import type { CaptureRequest } from '../port.ts';
import { fromPayPal, type Money } from './amounts.ts';
import { declinedAs, declineIn, UNREADABLE } from './answer.ts';
import type { Call } from './client.ts';
import { at, textAt, timeAt } from './json.ts';

/** Takes a part of what is authorised; with `final` PayPal releases the rest. */
export function captureCall(request: CaptureRequest, authorization: string, amount: Money): Call {
  return {
    method: 'POST',
    path: `/v2/payments/authorizations/${encodeURIComponent(authorization)}/capture`,
    route: '/v2/payments/authorizations/{id}/capture',
    body: { amount, invoice_id: request.operation, final_capture: request.final },
    keyed: true,
  };
}

/** A capture, from its answer or from its order. */
export function readCapture(request: CaptureRequest, json: unknown): Outcome {
  const movement = textAt(json, 'id');
  const amount = fromPayPal(at(json, 'amount'), request.currency);
  if (movement === null || amount === null || textAt(json, 'invoice_id') !== request.operation)
    return UNREADABLE;
  const provider_reference = request.providerReference;
  switch (textAt(json, 'status')) {
    case 'COMPLETED':
    case 'PARTIALLY_REFUNDED':
    case 'REFUNDED':
      return {
        kind: 'approved',
        provider_reference,
        movement,
        amount,
        amount_captured: 0,
        details: null,
        provider_at: timeAt(json, 'create_time'),
      };
    case 'PENDING':
      return { kind: 'pending', provider_reference };
    case 'DECLINED':
    case 'FAILED':
      return declinedAs(declineIn(json), provider_reference, timeAt(json, 'update_time'));
    default:
      return UNREADABLE;
  }
}
