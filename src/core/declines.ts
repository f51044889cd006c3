/**
 * Declines in one table: what a refusal means, what a program should do about it, what the customer is told.
 *
 * Connectors translate a provider's raw code to one of these reasons; a code that no table knows becomes
 * `unmapped` and is counted, never guessed.
 */

/** `soft_decline`: may pass later or elsewhere. `hard_decline`: this instrument will not pass. */
export type DeclineCategory = 'soft_decline' | 'hard_decline' | 'needs_authentication' | 'unmapped';

export type DeclineRule = {
  category: DeclineCategory;
  /** What may be tried with the same instrument; schemes fine merchants who retry a hard decline. */
  retry: 'later' | 'with_authentication' | 'with_corrected_data' | 'never';
  /** Fit to be shown to the customer: says what to do, and never accuses of fraud or theft. */
  customer_message: string;
};

const OTHER_CARD = 'Your card was declined. Please use another card.';

const REASONS = {
  insufficient_funds: rule(
    'soft_decline',
    'later',
    'Your card has insufficient funds. Use another card, or try again later.',
  ),
  do_not_honor: rule(
    'soft_decline',
    'later',
    'Your bank declined the payment. Contact it, or use another card.',
  ),
  limit_exceeded: rule(
    'soft_decline',
    'later',
    'The payment is above a limit of your card. Contact your bank, or use another card.',
  ),
  issuer_unavailable: rule(
    'soft_decline',
    'later',
    'Your bank could not be reached. Try again in a few minutes.',
  ),
  processing_error: rule(
    'soft_decline',
    'later',
    'The payment could not be processed. Try again in a few minutes.',
  ),
  generic: rule('soft_decline', 'later', 'Your bank declined the payment. Contact it, or use another card.'),
  velocity_exceeded: rule(
    'soft_decline',
    'later',
    'Too many attempts with this card. Try again later, or use another card.',
  ),
  incorrect_cvc: rule(
    'soft_decline',
    'with_corrected_data',
    'The security code is wrong. Check it and try again.',
  ),
  incorrect_address: rule(
    'soft_decline',
    'with_corrected_data',
    'The billing address does not match. Check it and try again.',
  ),
  expired_card: rule('hard_decline', 'with_corrected_data', 'Your card has expired. Use another card.'),
  invalid_number: rule(
    'hard_decline',
    'with_corrected_data',
    'The card number is not valid. Check it, or use another card.',
  ),
  invalid_account: rule('hard_decline', 'never', OTHER_CARD),
  card_not_supported: rule(
    'hard_decline',
    'never',
    'This card cannot be used for this payment. Use another card.',
  ),
  transaction_not_allowed: rule(
    'hard_decline',
    'never',
    'This card cannot be used for this payment. Use another card.',
  ),
  lost_card: rule('hard_decline', 'never', OTHER_CARD),
  stolen_card: rule('hard_decline', 'never', OTHER_CARD),
  pickup_card: rule('hard_decline', 'never', OTHER_CARD),
  restricted_card: rule('hard_decline', 'never', OTHER_CARD),
  suspected_fraud: rule('hard_decline', 'never', OTHER_CARD),
  revocation_of_authorization: rule('hard_decline', 'never', OTHER_CARD),
  authentication_required: rule(
    'needs_authentication',
    'with_authentication',
    'Your bank asks you to confirm the payment. Try again and follow its steps.',
  ),
  authentication_failed: rule(
    'needs_authentication',
    'with_authentication',
    'The payment was not confirmed with your bank. Try again, or use another card.',
  ),
  authentication_abandoned: rule(
    'needs_authentication',
    'with_authentication',
    'The payment was not confirmed with your bank in time. Try again.',
  ),
  unmapped: rule('unmapped', 'later', 'Your bank declined the payment. Contact it, or use another card.'),
} as const satisfies Record<string, DeclineRule>;

export type DeclineReason = keyof typeof REASONS;

/** A decline as it is stored and shown: our reason and category, the provider's code verbatim beside them. */
export type Decline = { reason: DeclineReason; category: DeclineCategory; raw_code: string };

export const DECLINE_REASONS = Object.keys(REASONS) as DeclineReason[];

export function isDeclineReason(text: string): text is DeclineReason {
  return Object.hasOwn(REASONS, text);
}

export function declineRule(reason: DeclineReason): DeclineRule {
  return REASONS[reason];
}

export function decline(reason: DeclineReason, rawCode: string): Decline {
  return { reason, category: REASONS[reason].category, raw_code: rawCode };
}

function rule(category: DeclineCategory, retry: DeclineRule['retry'], customer_message: string): DeclineRule {
  return { category, retry, customer_message };
}
