import type { Outcome } from '../../core/outcome.ts';
import type { RefundRequest } from '../port.ts';
import { fromPayPal, type Money } from './amounts.ts';
import { rejected, UNREADABLE } from './answer.ts';
import type { Call } from './client.ts';
import { at, textAt, timeAt } from './json.ts';
import { customId } from './reference.ts';

/** Gives a part of a capture back: PayPal refunds captures, not payments. */
export function refundCall(request: RefundRequest, capture: string, amount: Money): Call {
  return {
    method: 'POST',
    path: `/v2/payments/captures/${encodeURIComponent(capture)}/refund`,
    route: '/v2/payments/captures/{id}/refund',
    body: { amount, custom_id: customId(request), invoice_id: request.operation },
    keyed: true,
  };
}

/** A refund, from its answer or from its order. */
export function readRefund(request: RefundRequest, json: unknown): Outcome {
  const movement = textAt(json, 'id');
  const amount = fromPayPal(at(json, 'amount'), request.currency);
  if (movement === null || amount === null || textAt(json, 'invoice_id') !== request.operation)
    return UNREADABLE;
  const provider_reference = request.providerReference;
  switch (textAt(json, 'status')) {
    case 'COMPLETED':
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
    case 'FAILED':
    case 'CANCELLED':
      return rejected(
        textAt(json, 'status_details', 'reason') ?? 'REFUND_FAILED',
        'PayPal could not refund it.',
      );
    default:
      return UNREADABLE;
  }
}

export const NO_CAPTURE: Outcome = rejected(
  'NO_CAPTURE',
  'PayPal has not named the capture that is to be refunded.',
);
