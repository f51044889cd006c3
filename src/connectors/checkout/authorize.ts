import type { PaymentMethod } from '../../core/payment/events.ts';
import type { AuthorizeRequest } from '../port.ts';
import { type Call, PAYMENTS } from './client.ts';

/** A payment; with `capture` Checkout.com captures it by itself, shortly after its approval. */
export function authorizeCall(request: AuthorizeRequest, amount: number, channel: string): Call {
  const { operation, attempt, reference, currency, capture, paymentMethod, offSession, returnUrl } = request;
  const body = {
    source: sourceOf(paymentMethod),
    ...('customer' in paymentMethod &&
      paymentMethod.customer && { customer: { id: paymentMethod.customer } }),
    amount,
    currency,
    capture,
    reference,
    metadata: { payment: reference, attempt, operation, asked: capture ? 'sale' : 'manual' },
    processing_channel_id: channel,
    // Apple Pay has authenticated the customer already, and nobody can be asked while they are away.
    '3ds': { enabled: !offSession && paymentMethod.type !== 'apple_pay' },
    ...(offSession && { merchant_initiated: true, payment_type: 'Unscheduled' }),
    success_url: returnUrl,
    failure_url: returnUrl,
  };
  return { path: PAYMENTS, route: PAYMENTS, body };
}

/** The id of a stored card, else a token: a wallet's was exchanged for one of theirs in the browser. */
function sourceOf(method: PaymentMethod): object {
  switch (method.type) {
    case 'card':
      return method.stored === true
        ? { type: 'id', id: method.token }
        : { type: 'token', token: method.token };
    case 'apple_pay':
    case 'google_pay':
      return { type: 'token', token: method.token };
    case 'sepa_debit':
    case 'ach_debit':
    case 'bacs_debit':
    case 'ideal':
    case 'paypal':
      throw new Error(`${method.type} is not among what this connector can do, so nobody may ask for it`);
    default:
      return method satisfies never;
  }
}
