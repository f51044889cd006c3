import type Stripe from 'stripe';
import type { Outcome } from '../../core/outcome.ts';
import type { ProviderRequest } from '../port.ts';
import type { Call } from './client.ts';
import { authorizedOf, EXPAND, intentOf, intentPath, UNREADABLE } from './intents.ts';
import { timeOf } from './wire.ts';

/** Releases what is held; Stripe keeps the payment, cancelled. */
export function voidCall(providerReference: string): Call {
  const params = { expand: EXPAND } satisfies Stripe.PaymentIntentCancelParams;
  const path = intentPath(providerReference, '/cancel');
  return { method: 'POST', path, route: '/v1/payment_intents/{id}/cancel', params };
}

export function readVoid(request: ProviderRequest, json: unknown): Outcome {
  const found = intentOf(request, json);
  if (found?.intent.status !== 'canceled') return UNREADABLE;
  const { intent, id } = found;
  // Cancelled at the challenge, it held nothing yet.
  const held = intent.latest_charge === null ? 0 : authorizedOf(intent);
  if (held === null) return UNREADABLE;
  return {
    kind: 'approved',
    provider_reference: id,
    movement: null,
    amount: held,
    amount_captured: 0,
    details: null,
    provider_at: timeOf(intent.canceled_at),
  };
}
