import { describe, expect, test } from 'vitest';
import { declineOf, STRIPE_DECLINES } from './codes.ts';

/** All that https://docs.stripe.com/declines/codes lists (July 2026), in its order. */
const DOCUMENTED =
  'authentication_required authentication_not_handled approve_with_id call_issuer card_not_supported ' +
  'card_velocity_exceeded currency_not_supported do_not_honor do_not_try_again duplicate_transaction expired_card ' +
  'fraudulent generic_decline incorrect_address incorrect_cvc incorrect_number incorrect_pin incorrect_zip ' +
  'insufficient_funds invalid_account invalid_amount invalid_cvc invalid_expiry_month invalid_expiry_year ' +
  'invalid_number invalid_pin issuer_not_available lost_card merchant_blacklist new_account_information_available ' +
  'no_action_taken not_permitted offline_pin_required online_or_offline_pin_required pickup_card pin_try_exceeded ' +
  'processing_error reenter_transaction restricted_card revocation_of_all_authorizations ' +
  'revocation_of_authorization security_violation service_not_allowed stolen_card stop_payment_order ' +
  'testmode_decline transaction_not_allowed try_again_later withdrawal_count_limit_exceeded ' +
  'mobile_device_authentication_required';

/** What a card network or Stripe forbids to try again with the same card as it is. */
const NO_AUTOMATIC_RETRY =
  'do_not_try_again expired_card fraudulent incorrect_number invalid_account invalid_number lost_card ' +
  'merchant_blacklist pickup_card restricted_card revocation_of_all_authorizations revocation_of_authorization ' +
  'stolen_card stop_payment_order';

describe("Stripe's decline codes", () => {
  test('each of the fifty that Stripe documents has a reason of ours', () => {
    const codes = DOCUMENTED.split(' ');
    expect(new Set(codes).size).toBe(50);
    expect(codes.filter((code) => declineOf(code).category === 'unmapped')).toEqual([]);
  });

  test('the table holds 80 codes, those of errors and bank debits included, each once', () => {
    expect(STRIPE_DECLINES.size).toBe(80);
  });

  test('what may not be tried again is a hard decline', () => {
    const soft = NO_AUTOMATIC_RETRY.split(' ').filter((code) => declineOf(code).category !== 'hard_decline');
    expect(soft).toEqual([]);
  });

  test('a code that Stripe invents tomorrow is unmapped, and kept as it came', () => {
    const unmapped = { reason: 'unmapped', category: 'unmapped', raw_code: 'moon_phase_wrong' };
    expect(declineOf('moon_phase_wrong')).toEqual(unmapped);
    expect(declineOf('constructor').category).toBe('unmapped');
  });
});
