import type { AuthorizeRequest } from '../port.ts';
import type { Money } from './amounts.ts';
import type { Call } from './client.ts';
import { customId } from './reference.ts';

/** An order that is carried out in the same call, unless the customer has to approve it first. */
export function authorizeCall(request: AuthorizeRequest, amount: Money): Call {
  const unit = {
    reference_id: request.attempt,
    custom_id: customId(request),
    // PayPal refuses an invoice that was paid before: a second net beside the request id.
    invoice_id: request.operation,
    amount,
  };
  const body = {
    intent: request.capture ? 'CAPTURE' : 'AUTHORIZE',
    purchase_units: [unit],
    payment_source: paymentSource(request),
  };
  const path = '/v2/checkout/orders';
  return { method: 'POST', path, route: path, body, keyed: true };
}

/** Tokens are ids of PayPal's vault; a wallet without one is approved on PayPal's pages. */
function paymentSource(request: AuthorizeRequest): object {
  const { paymentMethod, returnUrl } = request;
  const context = { return_url: returnUrl, cancel_url: returnUrl };
  switch (paymentMethod.type) {
    case 'card': {
      const { token: vault_id } = paymentMethod;
      const away = request.offSession
        ? {
            stored_credential: {
              payment_initiator: 'MERCHANT',
              payment_type: 'UNSCHEDULED',
              usage: 'SUBSEQUENT',
            },
          }
        : { experience_context: context };
      return { card: { vault_id, ...away } };
    }
    case 'paypal':
      if ('token' in paymentMethod) return { paypal: { vault_id: paymentMethod.token } };
      return { paypal: { experience_context: { ...context, shipping_preference: 'NO_SHIPPING' } } };
    default:
      throw new Error(`routing lets no ${paymentMethod.type} come to PayPal`);
  }
}
