/**
 * Declines as Stripe words them. The books keep the simulator's own raw codes, or, for what only Stripe knows,
 * Stripe's decline code itself. Codes: https://docs.stripe.com/declines/codes.
 */

import { DECLINE_REASONS, type DeclineReason } from '../../../core/declines.ts';
import { CODES } from '../../tokens.ts';

export type Declined = {
  /** Of the error: most declines are `card_declined`, some have a code of their own. */
  code: string;
  /** Null where the customer's bank was never asked. */
  decline_code: string | null;
  message: string;
  advice_code: 'confirm_card_data' | 'do_not_try_again' | 'try_again_later' | null;
};

const STRIPE_CODES: Record<DeclineReason, string> = {
  insufficient_funds: 'insufficient_funds',
  do_not_honor: 'do_not_honor',
  limit_exceeded: 'withdrawal_count_limit_exceeded',
  issuer_unavailable: 'issuer_not_available',
  processing_error: 'processing_error',
  generic: 'generic_decline',
  velocity_exceeded: 'card_velocity_exceeded',
  incorrect_cvc: 'incorrect_cvc',
  incorrect_address: 'incorrect_zip',
  expired_card: 'expired_card',
  invalid_number: 'incorrect_number',
  invalid_account: 'invalid_account',
  card_not_supported: 'card_not_supported',
  transaction_not_allowed: 'transaction_not_allowed',
  lost_card: 'lost_card',
  stolen_card: 'stolen_card',
  pickup_card: 'pickup_card',
  restricted_card: 'restricted_card',
  suspected_fraud: 'fraudulent',
  revocation_of_authorization: 'revocation_of_authorization',
  authentication_required: 'authentication_required',
  authentication_failed: 'payment_intent_authentication_failure',
  authentication_abandoned: 'payment_intent_authentication_failure',
  unmapped: 'a_decline_that_nobody_knows',
};

const BY_RAW: ReadonlyMap<string, string> = new Map(
  DECLINE_REASONS.map((reason) => [CODES[reason], STRIPE_CODES[reason]]),
);

/** These stand in `code` too, in the place of `card_declined`. */
const OWN_CODE: ReadonlySet<string> = new Set([
  'authentication_required',
  'expired_card',
  'incorrect_cvc',
  'incorrect_number',
  'incorrect_zip',
  'processing_error',
]);

/** What banks say of a debit: a failure of the payment, not a decline of a card. */
export const DEBIT_FAILURES: ReadonlySet<string> = new Set([
  'account_closed',
  'debit_not_authorized',
  'generic_could_not_process',
  'no_account',
]);

const CONFIRM = new Set([
  'incorrect_cvc',
  'incorrect_number',
  'incorrect_zip',
  'expired_card',
  'invalid_account',
]);
const LATER = new Set(['issuer_not_available', 'processing_error', 'insufficient_funds', 'try_again_later']);
const NEVER = new Set(['lost_card', 'stolen_card', 'pickup_card', 'revocation_of_authorization']);

export function declinedAs(raw: string): Declined {
  const name = BY_RAW.get(raw) ?? raw;
  if (name === 'payment_intent_authentication_failure') {
    return {
      code: name,
      decline_code: null,
      message: 'The payment could not be authenticated.',
      advice_code: null,
    };
  }
  if (DEBIT_FAILURES.has(name)) {
    return { code: name, decline_code: null, message: 'The debit failed at the bank.', advice_code: null };
  }
  const code = OWN_CODE.has(name) ? name : 'card_declined';
  return { code, decline_code: name, message: 'Your card was declined.', advice_code: adviceOf(name) };
}

/** Stripe has made no charge where the customer failed the challenge. */
export function isAuthenticationFailure(raw: string): boolean {
  return declinedAs(raw).code === 'payment_intent_authentication_failure';
}

function adviceOf(name: string): Declined['advice_code'] {
  if (CONFIRM.has(name)) return 'confirm_card_data';
  if (NEVER.has(name)) return 'do_not_try_again';
  return LATER.has(name) ? 'try_again_later' : null;
}
