/** The books' refusals in Checkout.com's response codes. Source: checkout.com/docs, "Response codes". */

import { CODES } from '../../tokens.ts';

const OF_BOOKS: ReadonlyMap<string, string> = new Map([
  ['00', '10000'],
  [CODES.insufficient_funds, '20051'],
  [CODES.do_not_honor, '20005'],
  [CODES.limit_exceeded, '20061'],
  [CODES.issuer_unavailable, '20091'],
  [CODES.processing_error, '20096'],
  [CODES.generic, '20099'],
  [CODES.velocity_exceeded, '20065'],
  [CODES.incorrect_cvc, '200N7'],
  [CODES.incorrect_address, '20107'],
  [CODES.expired_card, '20054'],
  [CODES.invalid_number, '20014'],
  [CODES.invalid_account, '20179'],
  [CODES.card_not_supported, '20103'],
  [CODES.transaction_not_allowed, '20057'],
  [CODES.lost_card, '30041'],
  [CODES.stolen_card, '30043'],
  [CODES.pickup_card, '30004'],
  [CODES.restricted_card, '20062'],
  [CODES.suspected_fraud, '20059'],
  [CODES.revocation_of_authorization, '200R1'],
  [CODES.authentication_required, '20154'],
  [CODES.authentication_failed, '20151'],
  [CODES.authentication_abandoned, '20152'],
  // No table knows it: what a new code of theirs looks like.
  [CODES.unmapped, '20998'],
]);

/** In the books a refusal that was asked for by its response code has that code. */
const OWN = 'checkout_';

/** `tok_decline_20062`, of no sandbox but this one: any response code. */
export function refusalAsked(token: string): string | null {
  const [, code] = /^tok_decline_([2-4]0[0-9A-Z]{3})$/.exec(token) ?? [];
  return code === undefined ? null : OWN + code;
}

export function responseCodeOf(booked: string): string {
  return booked.startsWith(OWN) ? booked.slice(OWN.length) : (OF_BOOKS.get(booked) ?? '20005');
}

export function responseOf(booked: string): { response_code: string; response_summary: string } {
  const response_code = responseCodeOf(booked);
  return { response_code, response_summary: response_code === '10000' ? 'Approved' : 'Declined' };
}
