import type Stripe from 'stripe';
import type { AuthorizeRequest } from '../port.ts';
import type { Call } from './client.ts';
import { EXPAND } from './intents.ts';
import { methodParams } from './methods.ts';

/** Account settings that change what is asked. */
export type StripeSettings = { multicapture: boolean };

/** A PaymentIntent, created and confirmed in one call. `amount` is Stripe's. */
export function authorizeCall(request: AuthorizeRequest, amount: number, settings: StripeSettings): Call {
  const { currency, capture, reference, attempt, operation, offSession, returnUrl } = request;
  const several = !capture && settings.multicapture;
  const params = {
    amount,
    currency: currency.toLowerCase(),
    confirm: true,
    capture_method: capture ? 'automatic' : 'manual',
    ...methodParams(request.paymentMethod),
    // A customer who is away cannot be sent anywhere.
    ...(offSession ? { off_session: true } : { return_url: returnUrl }),
    ...(several && { payment_method_options: { card: { request_multicapture: 'if_available' } } }),
    metadata: { reference, attempt, operation },
    expand: EXPAND,
  } satisfies Stripe.PaymentIntentCreateParams;
  return { method: 'POST', path: '/v1/payment_intents', route: '/v1/payment_intents', params };
}
