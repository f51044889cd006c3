/** What a refund's events say: paid out, or come to nothing, at once or long after. */

import type Stripe from 'stripe';
import type { FactTold } from '../port.ts';
import { fromStripe } from './amounts.ts';
import { noticesOf, operationIn, type Read } from './notices.ts';
import { idOf, objectOf, textOf, type WireRefund } from './wire.ts';

export const refundFacts: Read = (happened, object) => {
  const refund = objectOf<Stripe.Refund>(object, 'refund');
  const [movement, paymentIntent] = [textOf(refund, 'id'), idOf(refund?.payment_intent)];
  const amount = fromStripe(refund?.amount, textOf(refund, 'currency') ?? '');
  if (refund === null || movement === null || amount === null) return null;
  if (paymentIntent === null) return 'a refund of a charge without a PaymentIntent: not made here';
  const told = { refund, movement, amount, provider_at: happened.at };
  const facts = factsOf(told);
  if (facts === null || typeof facts === 'string') return facts;
  return noticesOf({ metadata: refund.metadata, paymentIntent, currency: refund.currency }, facts);
};

type Told = { refund: WireRefund; movement: string; amount: number; provider_at: string | null };

function factsOf({ refund, movement, amount, provider_at }: Told): FactTold[] | string | null {
  const operation = operationIn(refund.metadata);
  const refunded: FactTold = { kind: 'refunded', movement, operation, amount, provider_at };
  switch (refund.status) {
    case 'succeeded':
      return [refunded];
    case 'pending':
    case 'requires_action':
      return 'the refund is on its way';
    case 'failed':
    case 'canceled': {
      const raw_code = textOf(refund, 'failure_reason');
      if (operation !== null)
        return [{ kind: 'refund_failed', operation, movement, decline: null, raw_code, provider_at }];
      return unasked(refund, refunded, movement);
    }
    default:
      return null;
  }
}

/** Made in the dashboard: had it taken money, both that and its coming back are told, in whatever order they came. */
function unasked(
  refund: WireRefund,
  refunded: FactTold & { amount: number },
  of: string,
): FactTold[] | string {
  const { amount, provider_at } = refunded;
  if (idOf(refund.failure_balance_transaction) === null) return 'the refund took no money';
  return [refunded, { kind: 'refund_returned', movement: `${of}/failed`, of, amount, provider_at }];
}
