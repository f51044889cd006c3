/** A Charge as Stripe shows it. */

import type Stripe from 'stripe';
import { type Books, type Charge, remaining } from '../../books.ts';
import { reversed } from '../../rules.ts';
import type { Settings } from '../../settings.ts';
import { stripeAmount } from './amounts.ts';
import { type Declined, declinedAs } from './codes.ts';
import { failureOf, seconds } from './intent-view.ts';
import { findMagic, type Magic } from './methods.ts';
import { find, intentOf, type Method, wireOf } from './things.ts';

/** Where magic methods get their times from. */
export type Sources = { books: Books; settings: Settings };

export function chargeView(charge: Charge, { books, settings }: Sources): Stripe.Charge {
  const intent = intentOf(books, charge);
  const method = charge.wire === undefined ? undefined : find(books, 'payment_method', wireOf(charge).method);
  const minor = (amount: number) => stripeAmount(amount, charge.currency);
  const failed = charge.state === 'declined' || reversed(charge) > 0;
  const declined = failed ? declinedAs(failureOf(charge)) : null;
  const released = charge.state === 'voided' && charge.captured === 0 ? charge.voided : 0;
  const backed = charge.refunded + released;
  return {
    id: charge.id,
    object: 'charge',
    amount: minor(charge.authorized === 0 ? charge.amount : charge.authorized),
    amount_captured: minor(charge.captured),
    amount_refunded: minor(backed),
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: charge.captures[0]?.id ?? null,
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    calculated_statement_descriptor: 'SIMULATOR',
    captured: charge.captured > 0,
    created: seconds(charge.at),
    currency: charge.currency.toLowerCase(),
    customer: intent?.data.customer ?? null,
    description: intent?.data.description ?? null,
    disputed: (charge.disputes ?? []).length > 0,
    failure_balance_transaction: charge.reversals?.at(-1)?.id ?? null,
    failure_code: declined === null ? null : failureCode(declined, method),
    failure_message: declined?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: intent?.data.metadata ?? {},
    on_behalf_of: null,
    outcome: outcomeOf(charge),
    paid: !failed && charge.state !== 'pending',
    payment_intent: intent?.id ?? null,
    payment_method: method?.id ?? null,
    payment_method_details: method ? detailsOf(charge, method, findMagic(method.data.magic, settings)) : null,
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: backed > 0 && backed >= (charge.captured || charge.authorized),
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: failed ? 'failed' : charge.state === 'pending' ? 'pending' : 'succeeded',
    transfer_data: null,
    transfer_group: null,
  };
}

/** Of a bank debit Stripe names the reason itself; `card_declined` is for cards. */
function failureCode({ code, decline_code }: Declined, method: Method | undefined): string {
  return method === undefined || method.data.type === 'card' ? code : (decline_code ?? code);
}

function outcomeOf(charge: Charge): Stripe.Charge.Outcome | null {
  if (charge.state === 'pending') return null;
  const declined = charge.state === 'declined' ? declinedAs(charge.code) : null;
  return {
    advice_code: declined?.advice_code ?? null,
    network_advice_code: null,
    network_decline_code: null,
    network_status: declined === null ? 'approved_by_network' : 'declined_by_network',
    reason: declined?.decline_code ?? null,
    risk_level: 'normal',
    risk_score: 5,
    seller_message: declined === null ? 'Payment complete.' : 'The bank did not return any further details.',
    type: declined === null ? 'authorized' : 'issuer_declined',
  };
}

type Details = Stripe.Charge.PaymentMethodDetails;

function detailsOf(charge: Charge, method: Method, magic: Magic | undefined): Details {
  const { type } = method.data;
  const last4 = magic?.last4 ?? null;
  const mandate = `mandate_${method.id.slice(3)}`;
  switch (type) {
    case 'card':
      return { type, card: cardOf(charge, magic) };
    case 'sepa_debit':
      return {
        type,
        sepa_debit: {
          bank_code: '37040044',
          branch_code: '',
          country: 'DE',
          fingerprint: null,
          last4,
          mandate,
        },
      };
    case 'us_bank_account':
      return { type, us_bank_account: { ...US_ACCOUNT, last4, mandate } };
    case 'bacs_debit':
      return { type, bacs_debit: { fingerprint: null, last4, mandate, sort_code: '108800' } };
    case 'ideal':
      return { type, ideal: { ...IDEAL, iban_last4: last4 } };
    default:
      return type satisfies never;
  }
}

const US_ACCOUNT = {
  account_holder_type: 'individual',
  account_type: 'checking',
  bank_name: 'SIMULATED BANK',
  fingerprint: null,
  payment_reference: null,
  routing_number: '110000000',
} as const;

const IDEAL = {
  bank: 'ing',
  bic: 'INGBNL2A',
  generated_sepa_debit: null,
  generated_sepa_debit_mandate: null,
  transaction_id: null,
  verified_name: null,
} as const;

function cardOf(charge: Charge, magic: Magic | undefined): NonNullable<Details['card']> {
  const passed = charge.challenge === 'passed';
  return {
    amount_authorized: charge.authorized === 0 ? null : stripeAmount(charge.authorized, charge.currency),
    authorization_code: null,
    brand: magic?.brand ?? null,
    ...(remaining(charge) > 0 ? { capture_before: seconds(charge.decidedAt + 7 * 24 * 3600_000) } : {}),
    checks: { address_line1_check: null, address_postal_code_check: 'pass', cvc_check: 'pass' },
    country: 'US',
    electronic_commerce_indicator: passed ? '05' : '07',
    exp_month: 12,
    exp_year: 2034,
    fingerprint: null,
    funding: 'credit',
    installments: null,
    last4: magic?.last4 ?? null,
    mandate: null,
    network: magic?.brand ?? null,
    network_transaction_id: charge.id.slice(3, 18),
    regulated_status: 'unregulated',
    three_d_secure: passed ? AUTHENTICATED : null,
    transaction_link_id: null,
    wallet: null,
  };
}

const AUTHENTICATED = {
  authentication_flow: 'challenge',
  electronic_commerce_indicator: '05',
  exemption_indicator: null,
  result: 'authenticated',
  result_reason: null,
  transaction_id: null,
  version: '2.2.0',
} as const;
