import type Stripe from 'stripe';
import type { CompleteRequest } from '../port.ts';
import type { Call } from './client.ts';
import { EXPAND, intentPath } from './intents.ts';

/** Stripe goes on by itself when the customer has answered: what is left to do is to see how it ended. */
export function completeCall({ providerReference }: CompleteRequest): Call {
  return retrieveIntent(providerReference);
}

export function retrieveIntent(id: string): Call {
  const params = { expand: EXPAND } satisfies Stripe.PaymentIntentRetrieveParams;
  return { method: 'GET', path: intentPath(id), route: '/v1/payment_intents/{id}', params };
}
