/**
 * Stripe's codes in our words: one table, each code once. A code that is not here is `unmapped`, never guessed.
 *
 * Sources: decline codes https://docs.stripe.com/declines/codes; codes of errors (a `code` without a `decline_code`,
 * and those of bank debits) https://docs.stripe.com/error-codes, as far as they speak of the customer's instrument;
 * the names as in the types of the package `stripe` 23.1 (`PaymentIntent.LastPaymentError.Code`).
 */

import { type Decline, type DeclineReason, decline } from '../../core/declines.ts';

const BY_REASON: Partial<Record<DeclineReason, string>> = {
  authentication_required:
    'authentication_required authentication_not_handled mobile_device_authentication_required offline_pin_required ' +
    'online_or_offline_pin_required',
  authentication_failed: 'payment_intent_authentication_failure setup_intent_authentication_failure',
  authentication_abandoned: 'payment_intent_payment_attempt_expired',
  insufficient_funds: 'insufficient_funds',
  do_not_honor: 'call_issuer do_not_honor no_action_taken security_violation not_permitted',
  generic:
    'approve_with_id duplicate_transaction generic_decline card_declined incorrect_pin invalid_pin ' +
    'payment_method_provider_decline payment_method_customer_decline payment_intent_payment_attempt_failed ' +
    'refer_to_customer bank_account_declined generic_could_not_process',
  limit_exceeded: 'withdrawal_count_limit_exceeded invalid_amount charge_exceeds_source_limit',
  velocity_exceeded: 'card_velocity_exceeded card_decline_rate_limit_exceeded pin_try_exceeded',
  issuer_unavailable: 'issuer_not_available payment_method_provider_timeout',
  processing_error: 'processing_error reenter_transaction try_again_later',
  incorrect_cvc: 'incorrect_cvc invalid_cvc',
  incorrect_address: 'incorrect_address incorrect_zip incorrect_postal_code',
  expired_card: 'expired_card invalid_expiry_month invalid_expiry_year expired_payment_method',
  invalid_number:
    'incorrect_number invalid_number testmode_decline account_number_invalid routing_number_invalid',
  invalid_account:
    'invalid_account new_account_information_available account_closed no_account bank_account_unusable ' +
    'payment_method_unactivated',
  card_not_supported:
    'card_not_supported currency_not_supported invalid_card_type sepa_unsupported_account ' +
    'three_d_secure_authentication_not_supported',
  transaction_not_allowed: 'service_not_allowed transaction_not_allowed debit_not_authorized',
  lost_card: 'lost_card',
  stolen_card: 'stolen_card',
  pickup_card: 'pickup_card',
  restricted_card:
    'restricted_card bank_account_restricted payment_method_restricted payment_method_bank_account_blocked',
  suspected_fraud: 'fraudulent merchant_blacklist',
  revocation_of_authorization:
    'do_not_try_again revocation_of_all_authorizations revocation_of_authorization stop_payment_order ' +
    'payment_intent_mandate_invalid india_recurring_payment_mandate_canceled',
};

export const STRIPE_DECLINES: ReadonlyMap<string, DeclineReason> = new Map(
  (Object.entries(BY_REASON) as [DeclineReason, string][]).flatMap(([reason, codes]) =>
    codes.split(' ').map((code): [string, DeclineReason] => [code, reason]),
  ),
);

export function declineOf(rawCode: string): Decline {
  return decline(STRIPE_DECLINES.get(rawCode) ?? 'unmapped', rawCode);
}
