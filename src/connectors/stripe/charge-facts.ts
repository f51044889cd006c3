/** What a charge's events say: approved, captured in all, lapsed, refused, or returned by the bank after its success. */

import type Stripe from 'stripe';
import type { FactTold } from '../port.ts';
import { fromStripe } from './amounts.ts';
import { declineOf } from './codes.ts';
import { authorizedByCharge, detailsOf } from './intents.ts';
import { type Happened, isOurs, NOT_OURS, noticesOf, type Read, sold } from './notices.ts';
import { idOf, objectOf, textOf, type WireCharge, within } from './wire.ts';

export const chargeFacts: Read = (happened, object) => {
  const charge = objectOf<Stripe.Charge>(object, 'charge');
  const paymentIntent = idOf(charge?.payment_intent);
  if (charge === null) return null;
  if (!isOurs(charge.metadata) || paymentIntent === null) return NOT_OURS;
  const facts = factsOf(happened, charge, paymentIntent);
  return facts && noticesOf({ metadata: charge.metadata, paymentIntent, currency: charge.currency }, facts);
};

function factsOf(happened: Happened, charge: WireCharge, intent: string): FactTold[] | null {
  const { at: provider_at, id: version } = happened;
  const authorized = authorizedByCharge(charge);
  const captured = fromStripe(charge.amount_captured, textOf(charge, 'currency') ?? '');
  if (authorized === null || captured === null) return null;
  const total: FactTold[] =
    captured === 0 ? [] : [{ kind: 'captured_total', amount: captured, version, provider_at }];
  switch (happened.type) {
    case 'charge.succeeded': {
      const details = detailsOf(charge);
      const told = { amount: authorized, provider_reference: intent, details, provider_at };
      return [
        { kind: 'authorized', ...told },
        ...(captured === 0 ? [] : sold(textOf(charge, 'id'), captured, provider_at)),
      ];
    }
    case 'charge.captured':
      return total;
    case 'charge.expired':
      return [{ kind: 'expired', provider_at }];
    default:
      return failed(charge, { intent, amount: captured || authorized, provider_at });
  }
}

type Failing = { intent: string; amount: number; provider_at: string | null };

/** Stripe takes the money back from the balance only where it had given it: then it had succeeded before. */
function failed(charge: WireCharge, { intent, amount, provider_at }: Failing): FactTold[] | null {
  const movement = idOf(charge.failure_balance_transaction);
  const raw_code = textOf(charge, 'failure_code');
  if (movement !== null)
    return [{ kind: 'reversed', movement, amount, ...(raw_code !== null && { raw_code }), provider_at }];
  const outcome = within<Stripe.Charge.Outcome>(charge.outcome);
  const issuers = outcome?.type === 'issuer_declined' ? textOf(outcome, 'reason') : null;
  const code = issuers ?? raw_code;
  if (code === null) return null;
  return [{ kind: 'declined', decline: declineOf(code), provider_reference: intent, provider_at }];
}
