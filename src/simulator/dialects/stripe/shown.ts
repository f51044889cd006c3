/** A PaymentIntent as it is answered: with the charge in the place of its id, where `expand` asks for it. */

import type Stripe from 'stripe';
import type { Charge } from '../../books.ts';
import { chargeView } from './charge-view.ts';
import { listOf } from './form.ts';
import { intentView } from './intent-view.ts';
import type { StripeRequest } from './request.ts';
import type { Intent } from './things.ts';

/** `charge` is that of the last attempt. */
export function shownIntent(
  { sim, params }: StripeRequest,
  intent: Intent,
  charge: Charge | null,
): Stripe.PaymentIntent {
  const view = intentView(intent, charge, sim.url);
  const wanted = listOf(params, 'expand').some((field) => field.split('.').includes('latest_charge'));
  const expanded = wanted && charge !== null && view.latest_charge !== null;
  return expanded ? { ...view, latest_charge: chargeView(charge, sim) } : view;
}
