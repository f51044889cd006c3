/**
 * Adyen's refusals as the dialect words them. Source: docs.adyen.com, "Refusal reasons" and "Result code testing";
 * the names are what `holderName` or `additionalData.RequestedTestAcquirerResponseCode` ask for in tests.
 */

import { CODES } from '../../tokens.ts';

/** Of a decline in the books: what the answer says. */
export type Refusal = { resultCode: 'Refused' | 'Error' | 'Cancelled'; code: string; reason: string };

/** Code, name for tests, text. */
const REFUSALS: readonly (readonly [code: string, name: string, reason: string])[] = [
  ['0', 'UNKNOWN', 'Unknown'],
  ['2', 'DECLINED', 'Refused'],
  ['3', 'REFERRAL', 'Referral'],
  ['4', 'ERROR', 'Acquirer Error'],
  ['5', 'BLOCK_CARD', 'Blocked Card'],
  ['6', 'CARD_EXPIRED', 'Expired Card'],
  ['7', 'INVALID_AMOUNT', 'Invalid Amount'],
  ['8', 'INVALID_CARD_NUMBER', 'Invalid Card Number'],
  ['9', 'ISSUER_UNAVAILABLE', 'Issuer Unavailable'],
  ['10', 'NOT_SUPPORTED', 'Not supported'],
  ['11', 'NOT_3D_AUTHENTICATED', '3D Not Authenticated'],
  ['12', 'NOT_ENOUGH_BALANCE', 'Not enough balance'],
  ['14', 'ACQUIRER_FRAUD', 'Acquirer Fraud'],
  ['15', 'CANCELLED', 'Cancelled'],
  ['16', 'SHOPPER_CANCELLED', 'Shopper Cancelled'],
  ['17', 'INVALID_PIN', 'Invalid Pin'],
  ['18', 'PIN_TRIES_EXCEEDED', 'Pin tries exceeded'],
  ['19', 'PIN_VALIDATION_NOT_POSSIBLE', 'Pin validation not possible'],
  ['20', 'FRAUD', 'FRAUD'],
  ['21', 'NOT_SUBMITTED', 'Not Submitted'],
  ['22', 'FRAUD_CANCELLED', 'FRAUD-CANCELLED'],
  ['23', 'TRANSACTION_NOT_PERMITTED', 'Transaction Not Permitted'],
  ['24', 'CVC_DECLINED', 'CVC Declined'],
  ['25', 'RESTRICTED_CARD', 'Restricted Card'],
  ['26', 'REVOCATION_OF_AUTH', 'Revocation Of Auth'],
  ['27', 'DECLINED_NON_GENERIC', 'Declined Non Generic'],
  ['28', 'WITHDRAWAL_AMOUNT_EXCEEDED', 'Withdrawal amount exceeded'],
  ['29', 'WITHDRAWAL_COUNT_EXCEEDED', 'Withdrawal count exceeded'],
  ['31', 'ISSUER_SUSPECTED_FRAUD', 'Issuer Suspected Fraud'],
  ['32', 'AVS_DECLINED', 'AVS Declined'],
  ['33', 'PIN_REQUIRED', 'Card requires online pin'],
  ['34', 'NO_CHECKING_ACCOUNT', 'No checking account available on Card'],
  ['35', 'NO_SAVINGS_ACCOUNT', 'No savings account available on Card'],
  ['36', 'MOBILE_PIN_REQUIRED', 'Mobile pin required'],
  ['37', 'CONTACTLESS_FALLBACK', 'Contactless fallback'],
  ['38', 'AUTHENTICATION_REQUIRED', 'Authentication required'],
  ['39', 'RREQ_NOT_RECEIVED', 'RReq not received from DS'],
  ['40', 'BAN_CURRENT_AID', 'Current AID is in Penalty Box'],
  ['41', 'CVM_REQUIRED', 'CVM Required Restart Payment'],
  ['42', 'THREED_SECURE_ERROR', '3DS Authentication Error'],
  ['43', 'ONLINE_PIN_REQUIRED', 'Online PIN required'],
  ['44', 'TRY_ANOTHER_INTERFACE', 'Try another interface'],
  ['45', 'CHIP_DOWNGRADE_MODE', 'Chip downgrade mode'],
  ['46', 'ERPS_BLOCK', 'Transaction blocked by Adyen to prevent excessive retry fees'],
  ['50', 'TOKEN_REVOKED', 'Token Revoked'],
  // No table knows it: what a new code of Adyen's looks like.
  ['99', 'UNMAPPED', 'A reason that was not there before'],
];

/** How the books' own codes are told; what Adyen has no word for is told as what it comes nearest to. */
const OF_BOOKS: ReadonlyMap<string, string> = new Map([
  [CODES.insufficient_funds, '12'],
  [CODES.do_not_honor, '2'],
  [CODES.limit_exceeded, '28'],
  [CODES.issuer_unavailable, '9'],
  [CODES.processing_error, '4'],
  [CODES.generic, '27'],
  [CODES.velocity_exceeded, '29'],
  [CODES.incorrect_cvc, '24'],
  [CODES.incorrect_address, '32'],
  [CODES.expired_card, '6'],
  [CODES.invalid_number, '8'],
  [CODES.invalid_account, '34'],
  [CODES.card_not_supported, '10'],
  [CODES.transaction_not_allowed, '23'],
  [CODES.lost_card, '5'],
  [CODES.stolen_card, '5'],
  [CODES.pickup_card, '5'],
  [CODES.restricted_card, '25'],
  [CODES.suspected_fraud, '20'],
  [CODES.revocation_of_authorization, '26'],
  [CODES.authentication_required, '38'],
  [CODES.authentication_failed, '11'],
  [CODES.authentication_abandoned, '16'],
  [CODES.unmapped, '99'],
]);

/** In the books a refusal that was asked for by Adyen's own name has Adyen's own code. */
const OWN = 'adyen_';

const BY_CODE = new Map(REFUSALS.map((one) => [one[0], one]));

/** The books' code of what a test asks for, by name or number; null for what is no refusal. */
export function refusalAsked(asked: string): string | null {
  const found = REFUSALS.find(([code, name]) => code === asked || name === asked.toUpperCase());
  return found === undefined ? null : OWN + found[0];
}

export function refusalOf(booked: string): Refusal {
  const code = booked.startsWith(OWN) ? booked.slice(OWN.length) : (OF_BOOKS.get(booked) ?? '2');
  const reason = BY_CODE.get(code)?.[2] ?? 'Refused';
  if (code === '0' || code === '4') return { resultCode: 'Error', code, reason };
  return { resultCode: code === '22' ? 'Cancelled' : 'Refused', code, reason };
}
