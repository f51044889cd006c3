/** A PaymentIntent as Stripe shows it: worked out from the thing and the charge of its last attempt. */

import type Stripe from 'stripe';
import { type Charge, remaining } from '../../books.ts';
import { reversed } from '../../rules.ts';
import { stripeAmount } from './amounts.ts';
import { declinedAs, isAuthenticationFailure } from './codes.ts';
import type { Intent } from './things.ts';

type Status =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'processing'
  | 'requires_capture'
  | 'canceled'
  | 'succeeded';

export function statusOf({ data }: Intent, charge: Charge | null): Status {
  if (data.canceledAt !== null) return 'canceled';
  if (charge === null) return data.method === null ? 'requires_payment_method' : 'requires_confirmation';
  switch (charge.state) {
    case 'requires_action':
      return charge.challenge === 'passed' ? 'requires_confirmation' : 'requires_action';
    case 'pending':
      return 'processing';
    case 'declined':
      return 'requires_payment_method';
    case 'voided':
    case 'expired':
      return charge.captured > 0 ? 'succeeded' : 'canceled';
    case 'open':
      if (reversed(charge) > 0) return 'requires_payment_method';
      return remaining(charge) > 0 ? 'requires_capture' : 'succeeded';
    default:
      return charge.state satisfies never;
  }
}

/** Stripe makes a charge once the bank is asked: not while the customer is, nor when that fails or is called off. */
export function isCharged({ state, code, authorized }: Charge): boolean {
  if (state === 'declined') return !isAuthenticationFailure(code);
  if (state === 'voided' || state === 'expired') return authorized > 0;
  return state !== 'requires_action';
}

/** `url` is where the pages of challenges are. */
export function intentView(intent: Intent, charge: Charge | null, url: string): Stripe.PaymentIntent {
  const { id, at, data } = intent;
  const status = statusOf(intent, charge);
  const minor = (amount: number) => stripeAmount(amount, data.currency);
  return {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: minor(data.amount),
    amount_capturable: charge?.state === 'open' ? minor(remaining(charge)) : 0,
    amount_received: minor(charge?.captured ?? 0),
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: status === 'canceled' ? seconds(data.canceledAt ?? charge?.at ?? at) : null,
    cancellation_reason: data.cancellationReason ?? (charge?.state === 'expired' ? 'automatic' : null),
    capture_method: data.captureMethod,
    client_secret: `${id}_secret_${id.slice(3)}`,
    confirmation_method: data.confirmationMethod,
    created: seconds(at),
    currency: data.currency.toLowerCase(),
    customer: data.customer,
    customer_account: null,
    description: data.description,
    excluded_payment_method_types: null,
    last_payment_error: lastError(charge, data.method),
    latest_charge: charge !== null && isCharged(charge) ? charge.id : null,
    livemode: false,
    managed_payments: null,
    metadata: data.metadata,
    next_action: status === 'requires_action' && charge !== null ? nextAction(charge, url) : null,
    on_behalf_of: null,
    payment_method: status === 'requires_payment_method' ? null : data.method,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: data.methodTypes,
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: data.setupFutureUsage,
    shipping: null,
    source: null,
    statement_descriptor: data.statementDescriptor,
    statement_descriptor_suffix: null,
    status,
    transfer_group: null,
  };
}

export function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

/** Without a return_url Stripe leaves the challenge to its script; the address is there all the same. */
function nextAction(charge: Charge, url: string): Stripe.PaymentIntent.NextAction {
  const page = `${url}/3ds/${charge.id}`;
  if (charge.returnUrl === null) {
    return { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: page } };
  }
  return { type: 'redirect_to_url', redirect_to_url: { return_url: charge.returnUrl, url: page } };
}

function lastError(
  charge: Charge | null,
  method: string | null,
): Stripe.PaymentIntent.LastPaymentError | null {
  const failed = charge !== null && (charge.state === 'declined' || reversed(charge) > 0);
  if (!failed) return null;
  const { code, decline_code, message, advice_code } = declinedAs(failureOf(charge));
  return {
    type: isAuthenticationFailure(charge.code) ? 'invalid_request_error' : 'card_error',
    code,
    message,
    ...(decline_code === null ? {} : { decline_code }),
    ...(advice_code === null ? {} : { advice_code }),
    ...(isCharged(charge) ? { charge: charge.id } : {}),
    ...(method === null ? {} : { payment_method: { id: method } as Stripe.PaymentMethod }),
  };
}

/** Of a decline, or of the return that undid a success. */
export function failureOf(charge: Charge): string {
  const reversal = charge.reversals?.at(-1);
  return reversal === undefined ? charge.code : (reversal.code ?? 'generic_could_not_process');
}
