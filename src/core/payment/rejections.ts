/** What the payment says no with: stored with the key, so that a late repetition gets the same answer. */

import { type ErrorRule, error } from '../error-rule.ts';

export const REJECTIONS = {
  payment_exists: error('The payment exists already.', 'Retrieve it instead of creating it.', 'no'),
  payment_method_missing: error(
    'There is no payment method to charge.',
    'Send payment_method with a token.',
    'new_key',
  ),
  payment_not_confirmable: error(
    'The payment cannot be confirmed in its status.',
    'Create a new payment if another charge is meant.',
    'no',
  ),
  customer_action_pending: error(
    'The customer has not finished the open step.',
    'Send the customer to next_action, or confirm with another payment_method to replace the attempt.',
    'new_key',
    { customer_action_required: true },
  ),
  nothing_to_complete: error(
    'No step of the customer waits to be completed.',
    'Retrieve the payment to see where it stands.',
    'no',
  ),
  nothing_to_expire: error(
    'The payment has nothing that could expire.',
    'Retrieve the payment to see where it stands.',
    'no',
  ),
  not_supported_by_provider: error(
    'The provider does not offer this.',
    'capability and provider name what it cannot do. Ask for what it can, or use another provider account.',
    'new_key',
  ),
  payment_not_capturable: error(
    'The payment has nothing to capture in its status.',
    'Retrieve the payment to see where it stands.',
    'no',
  ),
  amount_exceeds_capturable: error(
    'The amount is more than can be captured.',
    'Capture at most amount_capturable.',
    'new_key',
  ),
  payment_not_voidable: error(
    'The payment cannot be voided in its status.',
    'Retrieve the payment to see where it stands.',
    'no',
  ),
  payment_already_voided: error('The payment is voided already.', 'Nothing is left to do.', 'no'),
  payment_already_captured: error(
    'The payment is captured and cannot be voided.',
    'Refund it instead.',
    'no',
  ),
  payment_not_refundable: error(
    'The payment has nothing to refund in its status.',
    'Void it if it is only authorised.',
    'no',
  ),
  amount_exceeds_refundable: error(
    'The amount is more than can be refunded.',
    'Refund at most amount_refundable.',
    'new_key',
  ),
  too_many_attempts: error(
    'The payment has had all the attempts it may have.',
    'Create a new payment.',
    'no',
  ),
  too_many_captures: error(
    'The payment has had all the captures it may have.',
    'Capture the rest outside, or ask support.',
    'no',
  ),
  too_many_refunds: error(
    'The payment has had all the refunds it may have.',
    'Ask support to settle the rest.',
    'no',
  ),
  operation_unresolved: error(
    'An earlier operation on the payment has no known outcome yet.',
    'Wait until pending_operations is empty, look at the amounts, then decide again with a new key.',
    'new_key',
    { outcome: 'unknown' },
  ),
  provider_not_reached: error(
    'The provider was not reached, or turned the request away unread: nothing happened.',
    'Ask again in a while, with a new key.',
    'new_key',
  ),
  capture_refused: error('The provider refused the capture.', 'See raw_code for the reason.', 'new_key'),
  void_refused: error(
    'The provider refused the void.',
    'Retrieve the payment: it may have been captured; then refund it.',
    'new_key',
  ),
} as const satisfies Record<string, ErrorRule>;
