/**
 * Adyen's refusal reasons as ours. Source: docs.adyen.com, "Refusal reasons" (codes 0 to 46 and 50). 13 is the test
 * value of a pending payment, and 1, 30 have no published meaning: an answer with one of those is `unmapped`.
 */

import { type Decline, type DeclineReason, decline } from '../../core/declines.ts';

const REASONS: ReadonlyMap<string, DeclineReason> = new Map([
  ['0', 'processing_error'], // comes with the result Error only
  ['2', 'do_not_honor'],
  ['3', 'generic'], // referral: the issuer wants to be called
  ['4', 'processing_error'],
  ['5', 'restricted_card'], // blocked; lost and stolen cards are not told apart
  ['6', 'expired_card'],
  ['7', 'generic'], // invalid amount
  ['8', 'invalid_number'],
  ['9', 'issuer_unavailable'],
  ['10', 'card_not_supported'],
  ['11', 'authentication_failed'],
  ['12', 'insufficient_funds'],
  ['14', 'suspected_fraud'],
  ['15', 'generic'], // cancelled
  ['16', 'authentication_abandoned'],
  ['17', 'authentication_failed'], // wrong PIN
  ['18', 'velocity_exceeded'], // PIN tries exceeded
  ['19', 'processing_error'], // PIN could not be validated
  ['20', 'suspected_fraud'],
  ['21', 'processing_error'], // not submitted
  ['22', 'suspected_fraud'],
  ['23', 'transaction_not_allowed'],
  ['24', 'incorrect_cvc'],
  ['25', 'restricted_card'],
  ['26', 'revocation_of_authorization'],
  ['27', 'generic'], // declined non generic
  ['28', 'limit_exceeded'],
  ['29', 'velocity_exceeded'],
  ['31', 'suspected_fraud'],
  ['32', 'incorrect_address'],
  ['33', 'authentication_required'], // online PIN
  ['34', 'invalid_account'],
  ['35', 'invalid_account'],
  ['36', 'authentication_required'], // mobile PIN
  ['37', 'authentication_required'], // contactless fallback
  ['38', 'authentication_required'],
  ['39', 'authentication_failed'], // no RReq from the directory server
  ['40', 'card_not_supported'], // the network is in the penalty box
  ['41', 'authentication_required'],
  ['42', 'authentication_failed'],
  ['43', 'authentication_required'],
  ['44', 'transaction_not_allowed'], // try another interface
  ['45', 'transaction_not_allowed'], // chip downgrade mode
  ['46', 'transaction_not_allowed'], // blocked by Adyen: retries would cost fees, so never again
  ['50', 'revocation_of_authorization'], // token revoked
]);

export const ADYEN_REFUSALS: readonly string[] = [...REASONS.keys()];

export function declineOf(refusalReasonCode: string): Decline {
  return decline(REASONS.get(refusalReasonCode) ?? 'unmapped', refusalReasonCode);
}
