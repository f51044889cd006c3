/** What is charged, in Stripe's words. Tokens are Stripe's own (`pm_…`, `tok_…`), made where the customer is. */

import type Stripe from 'stripe';
import type { PaymentMethod } from '../../core/payment/events.ts';

type Create = Stripe.PaymentIntentCreateParams;
type Chosen = Pick<
  Create,
  | 'payment_method'
  | 'payment_method_data'
  | 'allowed_payment_method_types'
  | 'mandate'
  | 'mandate_data'
  | 'customer'
  | 'return_url'
>;

const DEBITS = {
  sepa_debit: 'sepa_debit',
  ach_debit: 'us_bank_account',
  bacs_debit: 'bacs_debit',
} as const;

export function methodParams(method: PaymentMethod): Chosen {
  switch (method.type) {
    case 'card': {
      const { customer } = method;
      return {
        allowed_payment_method_types: ['card'],
        ...cardOf(method.token),
        ...(customer && { customer }),
      };
    }
    case 'apple_pay':
    case 'google_pay':
      return { allowed_payment_method_types: ['card'], ...cardOf(walletToken(method.token)) };
    case 'sepa_debit':
    case 'ach_debit':
    case 'bacs_debit':
      return debitOf(method);
    case 'ideal': {
      const bank = method.bank === undefined ? {} : { bank: method.bank };
      return { allowed_payment_method_types: ['ideal'], payment_method_data: { type: 'ideal', ideal: bank } };
    }
    case 'paypal':
      throw new Error('PayPal is not among what this connector can do, so nobody may ask for it');
    default:
      return method satisfies never;
  }
}

/** The API takes a token of Stripe.js or of a wallet here; the SDK's types know only what has replaced it. */
type CardToken = Create['payment_method_data'] & { card: { token: string } };

function cardOf(token: string): Chosen {
  if (!token.startsWith('tok_')) return { payment_method: token };
  return { payment_method_data: { type: 'card', card: { token } } as CardToken };
}

/** Google Pay hands over the whole token as JSON; Stripe.js its id. */
function walletToken(token: string): string {
  if (!token.startsWith('{')) return token;
  try {
    const { id } = JSON.parse(token) as { id?: unknown };
    return typeof id === 'string' ? id : token;
  } catch {
    return token; // Stripe refuses it in its own words.
  }
}

/** Without a mandate the merchant vouches that the payer has agreed to one. */
function debitOf(method: Extract<PaymentMethod, { type: keyof typeof DEBITS }>): Chosen {
  const { type, token, mandate, stored, customer } = method;
  const consent: Chosen = mandate === undefined ? {} : { mandate };
  const vouched: Chosen =
    mandate !== undefined || stored
      ? {}
      : { mandate_data: { customer_acceptance: { type: 'offline', offline: {} } } };
  return {
    allowed_payment_method_types: [DEBITS[type]],
    payment_method: token,
    ...consent,
    ...vouched,
    ...(customer && { customer }),
  };
}
