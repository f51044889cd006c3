import type Stripe from 'stripe';
import { fromStripe } from './amounts.ts';
import type { Result } from './client.ts';
import { authorizedOf } from './intents.ts';
import { objectOf, type WireIntent } from './wire.ts';

/** Null unless Stripe itself speaks of this very payment: silence is no word on its expiry. */
export function readExpiry(providerReference: string, result: Result): boolean | null {
  if (result.kind === 'failed' || result.status !== 200) return null;
  const intent = objectOf<Stripe.PaymentIntent>(result.json, 'payment_intent');
  if (intent === null || intent.id !== providerReference || typeof intent.status !== 'string') return null;
  return hasLapsed(intent) || isRestGone(intent);
}

/** Cancelled by Stripe itself, not by a request. */
export function hasLapsed({ status, cancellation_reason }: WireIntent): boolean {
  return status === 'canceled' && (cancellation_reason === 'automatic' || cancellation_reason === 'expired');
}

/**
 * What was captured in part is over once nothing more can be captured, also where time has ended it
 * (https://docs.stripe.com/payments/multicapture, "Final capture").
 */
export function isRestGone(intent: WireIntent): boolean {
  const authorized = authorizedOf(intent);
  const received = fromStripe(intent.amount_received, String(intent.currency));
  if (intent.status !== 'succeeded' || authorized === null || received === null) return false;
  return received > 0 && received < authorized;
}
