/**
 * What makes a payment turn out one way or another: the names that PayPal's sandbox knows on a card
 * (https://developer.paypal.com/tools/sandbox/card-testing/), the simulator's own tokens in the place of a vault id,
 * and a few vault ids for what happens later.
 */

import type { RefundPlan } from '../../rules.ts';
import { type Behavior, CODES, findToken, type Token } from '../../tokens.ts';

/** The simulator's codes in the words of PayPal's processors. */
const RESPONSE_CODES: ReadonlyMap<string, string> = new Map([
  [CODES.insufficient_funds, '5120'],
  [CODES.do_not_honor, '0500'],
  [CODES.limit_exceeded, 'PPAX'],
  [CODES.issuer_unavailable, '5920'],
  [CODES.processing_error, '8000'],
  [CODES.generic, '5100'],
  [CODES.velocity_exceeded, '5710'],
  [CODES.incorrect_cvc, '5110'],
  [CODES.incorrect_address, '5170'],
  [CODES.expired_card, '5400'],
  [CODES.invalid_number, '1330'],
  [CODES.invalid_account, '6300'],
  [CODES.card_not_supported, 'PPCT'],
  [CODES.transaction_not_allowed, '5700'],
  [CODES.lost_card, '9520'],
  [CODES.stolen_card, '9520'],
  [CODES.pickup_card, '5150'],
  [CODES.restricted_card, '5180'],
  [CODES.suspected_fraud, '9500'],
  [CODES.revocation_of_authorization, '5100'],
  [CODES.authentication_required, '5650'],
  [CODES.authentication_failed, '7710'],
  [CODES.authentication_abandoned, '7710'],
]);

/** A code that is PayPal's already, and one that nobody knows, goes out as it is. */
export function responseCode(code: string): string {
  return RESPONSE_CODES.get(code) ?? (code === '00' ? '0000' : code);
}

/** Only the advice tells the end of an agreement from any other refusal. */
export function adviceOf(code: string): { payment_advice_code?: string } {
  return code === CODES.revocation_of_authorization ? { payment_advice_code: '21' } : {};
}

const TRIGGERS: ReadonlyMap<string, string> = new Map([
  ['CCREJECT-REFUSED', '0500'],
  ['CCREJECT-SF', '9500'],
  ['CCREJECT-EC', '5400'],
  ['CCREJECT-IRC', '5180'],
  ['CCREJECT-IF', '5120'],
  ['CCREJECT-LS', '9520'],
  ['CCREJECT-IA', '1330'],
  ['CCREJECT-BANK_ERROR', '5100'],
  ['CCREJECT-CVV_F', '00N7'],
]);

/** By the name on a card; any other name is approved. */
export function behaviorOfName(name: string): Behavior {
  const code = TRIGGERS.get(name);
  return code === undefined ? { kind: 'approve' } : { kind: 'decline', code };
}

const REFUNDS: ReadonlyMap<string, RefundPlan['becomes']> = new Map([
  ['refund_pending', 'succeeded'],
  ['refund_fails', 'failed'],
  ['refund_returns', 'returned'],
]);

/** What becomes of the refunds of a charge that was made with this vault id. */
export function refundFate(vaultId: string): RefundPlan['becomes'] | null {
  return REFUNDS.get(vaultId) ?? null;
}

/** Undefined for a vault id that nobody knows. */
export function behaviorOfVault(vaultId: string): Pick<Token, 'behavior' | 'fault'> | undefined {
  return REFUNDS.has(vaultId) ? { behavior: { kind: 'approve' }, fault: null } : findToken(vaultId);
}
