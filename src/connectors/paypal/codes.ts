/**
 * Why PayPal declines, in our words. Codes: `processor_response.response_code` of PayPal's payments v2 specification
 * (Apache-2.0, github.com/paypal/paypal-rest-api-specifications), their meanings as in
 * https://developer.paypal.com/serversdk/php/models/enumerations/processor-response-code/; issues: of its orders v2 and
 * payments v2 specifications. What is not here is `unmapped`, never guessed.
 */

import { type Decline, type DeclineReason, decline } from '../../core/declines.ts';

/** Approvals in a record of a decline contradict it, and are not mapped: 0000, 1000, 7600. */
export const APPROVALS: readonly string[] = ['0000', '1000', '7600'];

const BY_REASON: Partial<Record<DeclineReason, string>> = {
  insufficient_funds: '5120',
  do_not_honor: '0100 0500 10BR 5910 9530',
  limit_exceeded: 'PPAX',
  issuer_unavailable: '5920 8100 8110 8220 PPNT',
  processing_error:
    '0800 0880 0960 0R00 1300 1310 1312 1317 1320 1340 1350 1360 1370 1384 1390 1393 5200 5210 5800 5900 7800 8000 ' +
    '8010 8020 8030 9100 9600 PCNR PPAI PPAR PPAU PPCE PPCO PPCR PPCU PPDC PPDV PPER PPFE PPFV PPGR PPH1 PPIF PPII ' +
    'PPIM PPIT PPLR PPLS PPMB PPMD PPNM PPPH PPPI PPPM PPRE PPRF PPRR PPS0 PPS1 PPS2 PPS3 PPS4 PPS5 PPS6 PPSD PPTF ' +
    'PPTI PPUC PPUE PPUI PPUP PPUR PPVC PPVE',
  generic: '5100 PPAE PPDT PPSE',
  velocity_exceeded: '5135 5710 PPEL PPNL',
  incorrect_cvc: '00N7 1382 5110 PCVV PPC2',
  incorrect_address: '5170 5190 PPAD PPAV',
  expired_card: '1380 5400 PPEF PPEX',
  invalid_number: '1330',
  invalid_account: '0390 1335 5140 5930 5950 6300 PP06 PPFI PPTE PPTR PPTV',
  card_not_supported: 'PPCT PPDI PPMC PPNC PPTT PPVT',
  transaction_not_allowed: '0580 0890 5130 5160 5500 5700 7900 PPAG PPBG PPQC PPRN PPUA',
  lost_card: '9520',
  pickup_card: '5150',
  restricted_card: '1352 5180 9540 PPAB PPFR',
  suspected_fraud: '9500 9510 PPSC',
  authentication_required: '5650',
  authentication_failed: '7700 7710 PPD3',
};

/** What an error's `issue` says of the customer's means of payment; all other issues are for us to mend. */
const ISSUES_BY_REASON: Partial<Record<DeclineReason, string>> = {
  generic:
    'ALIAS_DECLINED_BY_PROCESSOR INSTRUMENT_DECLINED PAYER_CANNOT_PAY PAYMENT_SOURCE_DECLINED_BY_PROCESSOR ' +
    'REDIRECT_PAYER_FOR_ALTERNATE_FUNDING',
  do_not_honor: 'TRANSACTION_REFUSED AUTHORIZATION_DENIED DECLINED_DUE_TO_RELATED_TXN',
  limit_exceeded: 'TRANSACTION_LIMIT_EXCEEDED',
  velocity_exceeded: 'MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED',
  incorrect_address: 'BILLING_ADDRESS_INVALID',
  expired_card: 'CARD_EXPIRED INVALID_EXPIRY_DATE REFERENCED_CARD_EXPIRED TOKEN_EXPIRED',
  invalid_account: 'PAYER_ACCOUNT_LOCKED_OR_CLOSED PAYMENT_SOURCE_INFO_CANNOT_BE_VERIFIED',
  restricted_card: 'PAYER_ACCOUNT_RESTRICTED',
  card_not_supported: 'CARD_BRAND_NOT_SUPPORTED PAYMENT_SOURCE_CANNOT_BE_USED',
  transaction_not_allowed: 'COMPLIANCE_VIOLATION PAYEE_BLOCKED_TRANSACTION TRANSACTION_BLOCKED_BY_PAYEE',
  revocation_of_authorization: 'AGREEMENT_ALREADY_CANCELLED',
};

const REASONS = table(BY_REASON);
const ISSUES = table(ISSUES_BY_REASON);

/** The payer has ended the agreement: whatever the code beside it, nothing may be charged to it again. */
const RECURRING_CANCELLED = '21';

export const MAPPED_CODES: readonly string[] = [...REASONS.keys()];

/** `advice`: `payment_advice_code`, where there is one. */
export function declineOf(rawCode: string, advice: string | null = null): Decline {
  const reason = advice === RECURRING_CANCELLED ? 'revocation_of_authorization' : REASONS.get(rawCode);
  return decline(reason ?? 'unmapped', rawCode);
}

/** Null for an issue that says nothing of the means of payment. */
export function declineOfIssue(issue: string): Decline | null {
  const reason = ISSUES.get(issue);
  return reason === undefined ? null : decline(reason, issue);
}

function table(byReason: Partial<Record<DeclineReason, string>>): ReadonlyMap<string, DeclineReason> {
  const entries = Object.entries(byReason) as [DeclineReason, string][];
  return new Map(
    entries.flatMap(([reason, codes]) => codes.split(' ').map((code) => [code, reason] as const)),
  );
}
