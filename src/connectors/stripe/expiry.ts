import type Stripe from 'stripe';
import type { Result } from './client.ts';
import { objectOf, type WireIntent } from './wire.ts';

/** Null unless Stripe itself speaks of this very payment: silence is no word on its expiry. */
export function readExpiry(providerReference: string, result: Result): boolean | null {
  if (result.kind === 'failed' || result.status !== 200) return null;
  const intent = objectOf<Stripe.PaymentIntent>(result.json, 'payment_intent');
  if (intent === null || intent.id !== providerReference || typeof intent.status !== 'string') return null;
  return hasLapsed(intent);
}

/** Cancelled by Stripe itself, not by a request. */
export function hasLapsed({ status, cancellation_reason }: WireIntent): boolean {
  return status === 'canceled' && (cancellation_reason === 'automatic' || cancellation_reason === 'expired');
}
