/** What a PaymentIntent's events say: approved for capture, paid, cancelled or lapsed, refused before any charge. */

import type Stripe from 'stripe';
import type { FactTold } from '../port.ts';
import { fromStripe } from './amounts.ts';
import { declineOf } from './codes.ts';
import { hasLapsed } from './expiry.ts';
import { type Happened, isOurs, NOT_OURS, noticesOf, type Read, sold } from './notices.ts';
import { idOf, objectOf, textOf, type WireIntent, within } from './wire.ts';

export const intentFacts: Read = (happened, object) => {
  const intent = objectOf<Stripe.PaymentIntent>(object, 'payment_intent');
  const id = textOf(intent, 'id');
  if (intent === null || id === null) return null;
  if (!isOurs(intent.metadata)) return NOT_OURS;
  const facts = factsOf(happened, intent, id);
  if (facts === null || typeof facts === 'string') return facts;
  return noticesOf({ metadata: intent.metadata, paymentIntent: id, currency: intent.currency }, facts);
};

function factsOf(happened: Happened, intent: WireIntent, id: string): FactTold[] | string | null {
  const { type } = happened;
  if (type === 'payment_intent.payment_failed') return refused(happened, intent, id);
  const currency = textOf(intent, 'currency') ?? '';
  const [amount, received, capturable] = [
    fromStripe(intent.amount, currency),
    fromStripe(intent.amount_received, currency),
    fromStripe(intent.amount_capturable, currency),
  ];
  if (amount === null || received === null || capturable === null) return null;
  const provider_at = happened.at;
  const authorized = (of: number): FactTold => ({
    kind: 'authorized',
    amount: of,
    provider_reference: id,
    details: null,
    provider_at,
  });
  const captured: FactTold[] =
    received === 0 ? [] : [{ kind: 'captured_total', amount: received, version: happened.id, provider_at }];
  switch (type) {
    case 'payment_intent.amount_capturable_updated':
      return [authorized(received + capturable), ...captured];
    case 'payment_intent.succeeded':
      if (intent.capture_method === 'manual') return captured;
      return [authorized(received), ...sold(idOf(intent.latest_charge), received, provider_at)];
    default:
      if (hasLapsed(intent)) return [{ kind: 'expired', provider_at }];
      return [{ kind: 'voided', amount: intent.latest_charge === null ? 0 : amount - received, provider_at }];
  }
}

/** A refusal that made a charge is told by that charge's own event, which tells a late return apart. */
function refused({ at }: Happened, intent: WireIntent, id: string): FactTold[] | string | null {
  const error = within<Stripe.StripeRawError>(intent.last_payment_error);
  const code = textOf(error, 'decline_code') ?? textOf(error, 'code');
  if (error === null || code === null) return null;
  if (idOf(error.charge) !== null) return 'charge.failed says the same, and which charge it was';
  return [{ kind: 'declined', decline: declineOf(code), provider_reference: id, provider_at: at }];
}
