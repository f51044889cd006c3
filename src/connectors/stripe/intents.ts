/** What a PaymentIntent says of the authorisation in it. */

import type Stripe from 'stripe';
import type { AuthorizationDetails, Outcome } from '../../core/outcome.ts';
import type { ProviderRequest } from '../port.ts';
import { fromStripe } from './amounts.ts';
import type { Call } from './client.ts';
import { declineOf } from './codes.ts';
import {
  idOf,
  isObject,
  objectOf,
  textOf,
  timeOf,
  toldIn,
  type Wire,
  type WireCharge,
  type WireError,
  type WireIntent,
  within,
} from './wire.ts';

export const UNREADABLE: Outcome = { kind: 'unknown', reason: 'unreadable_answer' };

/** With the charge itself in the place of its id. */
export const EXPAND = ['latest_charge'];

export function intentPath(id: string, action = ''): string {
  return `/v1/payment_intents/${encodeURIComponent(id)}${action}`;
}

export function retrieveIntent(id: string): Call {
  const params = { expand: EXPAND } satisfies Stripe.PaymentIntentRetrieveParams;
  return { method: 'GET', path: intentPath(id), route: '/v1/payment_intents/{id}', params };
}

/** An answer about another attempt or currency is none: the money may have moved all the same. */
export function intentOf(request: ProviderRequest, json: unknown): { intent: WireIntent; id: string } | null {
  const intent = objectOf<Stripe.PaymentIntent>(json, 'payment_intent');
  const id = textOf(intent, 'id');
  if (intent === null || id === null) return null;
  const about =
    textOf(intent, 'currency') === request.currency.toLowerCase() &&
    toldIn(intent.metadata, 'attempt') === request.attempt;
  return about ? { intent, id } : null;
}

/** What became of the authorisation, from its answer or as it stands now. */
export function readAuthorization(request: ProviderRequest, json: unknown): Outcome {
  const found = intentOf(request, json);
  if (found === null) return UNREADABLE;
  const { intent, id } = found;
  switch (intent.status) {
    case 'requires_capture':
    case 'succeeded':
      return approved(intent, id);
    case 'processing':
      return { kind: 'pending', provider_reference: id };
    case 'requires_action':
      return action(intent, id);
    case 'requires_payment_method':
      return failure(within<Stripe.StripeRawError>(intent.last_payment_error), id);
    case 'canceled':
      // What was held and let go had been approved; what was never held is over.
      return chargeOf(intent) === null ? neverHeld(intent, id) : approved(intent, id);
    default:
      return UNREADABLE;
  }
}

function approved(intent: WireIntent, id: string): Outcome {
  const amount = authorizedOf(intent);
  const captured = amountOf(intent, intent.amount_received);
  if (amount === null || captured === null) return UNREADABLE;
  const charge = chargeOf(intent);
  // Of a sale the charge is the capture; what is captured later has no object of its own.
  const manual = intent.capture_method === 'manual';
  return {
    kind: 'approved',
    provider_reference: id,
    movement: manual ? null : idOf(intent.latest_charge),
    amount,
    amount_captured: manual ? 0 : captured,
    details: charge === null ? null : detailsOf(charge),
    provider_at: timeOf(charge?.created ?? intent.created),
  };
}

/** What the issuer approved: it may be less, and captures and cancellations do not change it. */
export function authorizedOf(intent: WireIntent): number | null {
  const charge = chargeOf(intent);
  if (charge !== null) return authorizedByCharge(charge);
  const received = amountOf(intent, intent.amount_received);
  const capturable = amountOf(intent, intent.amount_capturable);
  if (received === null || capturable === null) return null;
  if (intent.status === 'requires_capture') return received + capturable;
  return intent.capture_method === 'manual' ? amountOf(intent, intent.amount) : received;
}

export function authorizedByCharge(charge: WireCharge): number | null {
  const { amount_authorized } = cardOf(charge) ?? {};
  return amountOf(charge, amount_authorized ?? charge.amount);
}

function amountOf(of: WireIntent | WireCharge, amount: unknown): number | null {
  return typeof of.currency === 'string' ? fromStripe(amount, of.currency) : null;
}

function chargeOf(intent: WireIntent): WireCharge | null {
  return objectOf<Stripe.Charge>(intent.latest_charge, 'charge');
}

function cardOf(charge: WireCharge): Wire<Stripe.Charge.PaymentMethodDetails.Card> | null {
  const details = within<Stripe.Charge.PaymentMethodDetails>(charge.payment_method_details);
  return within(details?.card);
}

export function detailsOf(charge: WireCharge): AuthorizationDetails | null {
  const card = cardOf(charge);
  if (card === null) return null;
  const checks = within<Stripe.Charge.PaymentMethodDetails.Card.Checks>(card.checks);
  return {
    authorization_code: textOf(card, 'authorization_code'),
    bin: textOf(card, 'iin'),
    last4: textOf(card, 'last4'),
    avs_result: textOf(checks, 'address_postal_code_check') ?? textOf(checks, 'address_line1_check'),
    cvc_result: textOf(checks, 'cvc_check'),
    eci: textOf(card, 'electronic_commerce_indicator'),
    network_transaction_id: textOf(card, 'network_transaction_id'),
  };
}

/** A redirect to the bank, or Stripe's own page for the small deposits that prove an account. */
function action(intent: WireIntent, id: string): Outcome {
  const next = within<Stripe.PaymentIntent.NextAction>(intent.next_action);
  const redirect = within<Stripe.PaymentIntent.NextAction.RedirectToUrl>(next?.redirect_to_url);
  const deposits = within<Stripe.PaymentIntent.NextAction.VerifyWithMicrodeposits>(
    next?.verify_with_microdeposits,
  );
  const url = textOf(redirect, 'url') ?? textOf(deposits, 'hosted_verification_url');
  if (url === null) return UNREADABLE;
  // Stripe goes on by itself once the customer has answered: then it is no longer this status.
  return {
    kind: 'requires_action',
    provider_reference: id,
    action: { type: 'redirect', url },
    answered: false,
  };
}

/** `id` of the payment, where the error does not tell it. */
export function failure(error: WireError | null, id: string | null): Outcome {
  const code = textOf(error, 'decline_code') ?? textOf(error, 'code');
  if (error === null || code === null) return UNREADABLE;
  const reference = idOf(isObject(error.payment_intent) ? error.payment_intent : null) ?? id;
  return { kind: 'declined', decline: declineOf(code), provider_reference: reference, provider_at: null };
}

function neverHeld(intent: WireIntent, id: string): Outcome {
  const why = textOf(intent, 'cancellation_reason') ?? 'canceled';
  const message = `The PaymentIntent was canceled before anything was authorised (${why}).`;
  return { kind: 'rejected', raw_code: 'payment_intent_canceled', message, provider_reference: id };
}
