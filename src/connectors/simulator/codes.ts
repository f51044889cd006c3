/** The provider's response codes in our words. A code that is not here is `unmapped`, never guessed. */

import { type Decline, type DeclineReason, decline } from '../../core/declines.ts';

const REASONS: ReadonlyMap<string, DeclineReason> = new Map([
  ['01', 'generic'],
  ['02', 'generic'],
  ['04', 'pickup_card'],
  ['05', 'do_not_honor'],
  ['07', 'pickup_card'],
  ['14', 'invalid_number'],
  ['1A', 'authentication_required'],
  ['3A', 'authentication_abandoned'],
  ['3F', 'authentication_failed'],
  ['41', 'lost_card'],
  ['43', 'stolen_card'],
  ['46', 'invalid_account'],
  ['51', 'insufficient_funds'],
  ['54', 'expired_card'],
  ['57', 'transaction_not_allowed'],
  ['59', 'suspected_fraud'],
  ['61', 'limit_exceeded'],
  ['62', 'restricted_card'],
  ['65', 'velocity_exceeded'],
  ['91', 'issuer_unavailable'],
  ['96', 'processing_error'],
  ['AV', 'incorrect_address'],
  ['N7', 'incorrect_cvc'],
  ['NS', 'card_not_supported'],
  ['R1', 'revocation_of_authorization'],
  ['R3', 'revocation_of_authorization'],
]);

export function declineOf(rawCode: string): Decline {
  return decline(REASONS.get(rawCode) ?? 'unmapped', rawCode);
}
