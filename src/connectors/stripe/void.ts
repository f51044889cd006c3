import type Stripe from 'stripe';
import type { Outcome } from '../../core/outcome.ts';
import type { ProviderRequest, VoidRequest } from '../port.ts';
import { fromStripe } from './amounts.ts';
import { captureCall } from './capture.ts';
import type { Call } from './client.ts';
import { isRestGone } from './expiry.ts';
import { authorizedOf, EXPAND, intentOf, intentPath, UNREADABLE } from './intents.ts';
import { timeOf, type WireIntent } from './wire.ts';

/**
 * Releases what is held; Stripe keeps the payment, cancelled. What captures have left it releases with a last one of
 * nothing (https://docs.stripe.com/payments/multicapture, "Release uncaptured funds").
 */
export function voidCall(request: VoidRequest, providerReference: string): Call {
  if (request.captured > 0)
    return captureCall({ ...request, kind: 'capture', providerReference, amount: 0, final: true }, 0);
  const params = { expand: EXPAND } satisfies Stripe.PaymentIntentCancelParams;
  const path = intentPath(providerReference, '/cancel');
  return { method: 'POST', path, route: '/v1/payment_intents/{id}/cancel', params };
}

/** Whoever did it. */
export function isReleased(request: ProviderRequest, intent: WireIntent): boolean {
  const ofRest = request.kind === 'void' && request.captured > 0;
  return intent.status === 'canceled' || (ofRest && isRestGone(intent));
}

export function readVoid(request: ProviderRequest, json: unknown): Outcome {
  const found = intentOf(request, json);
  if (found === null || !isReleased(request, found.intent)) return UNREADABLE;
  const { intent, id } = found;
  // Cancelled at the challenge, it held nothing yet.
  const held = intent.latest_charge === null ? 0 : authorizedOf(intent);
  const captured = fromStripe(intent.amount_received, request.currency);
  if (held === null || captured === null) return UNREADABLE;
  return {
    kind: 'approved',
    provider_reference: id,
    movement: null,
    amount: Math.max(0, held - captured),
    amount_captured: 0,
    details: null,
    provider_at: timeOf(intent.canceled_at),
  };
}
