/**
 * Checkout.com's response codes as ours. Source: checkout.com/docs, "Response codes": 20xxx soft, 30xxx hard declines,
 * 40xxx risk. The class of the number alone is no advice on another try: Visa forbids it for some soft ones.
 */

import { type Decline, type DeclineReason, decline, isDeclineReason } from '../../core/declines.ts';

const CODES: Partial<Record<DeclineReason, string>> = {
  // what the bank, or the caller, has to put right
  generic:
    '20001 20002 20010 20013 20017 20018 20021 20023 20032 20042 20060 20066 20094 20099 20104 20105 20109 20110 20111 20158',
  // a malfunction, or a configuration of the account
  processing_error:
    '20003 20006 20009 20019 20020 20022 20030 20082 20086 20088 20089 20095 20096 20097 20098 200S4 200T2 20102 20112 20113 20115 20116 20117 20118 20119 20157 20193',
  do_not_honor: '20005 20046',
  // 20012, 20057, 20182: soft by their number, but schemes forbid another try
  transaction_not_allowed:
    '20012 20040 20057 20058 20064 20093 20156 20182 30016 30017 30018 30019 30020 30044 30045',
  invalid_number: '20014 30015',
  // 20179: Mastercard's lifecycle, a card that is no more
  invalid_account: '20025 20039 20044 20052 20053 20056 20083 20101 20114 20120 20179 30046',
  card_not_supported: '20031 200T3 20103 20106',
  velocity_exceeded: '20038 20065 20075',
  insufficient_funds: '20051',
  expired_card: '20054 20100 20108',
  authentication_failed: '20055 2006P 20150 20151 20153 20155',
  // 40xxx: Checkout.com's own risk rules
  suspected_fraud: '20059 20063 20183 40101 40201 40202 40203 40204 40205',
  limit_exceeded: '20061 200P1 200P9 20121',
  // 30021, 30022: a total limit of the card is used up
  restricted_card: '20062 20078 200T5 30021 30022',
  // all kinds of "pick up card"
  pickup_card: '20067 30004 30007 30033 30034 30035 30036 30037 30038',
  issuer_unavailable: '20068 20090 20091 20092 200N0',
  incorrect_cvc: '20087 200N7 20124',
  authentication_required: '200O5 20154',
  revocation_of_authorization: '200R1 200R3',
  incorrect_address: '20107 20123',
  // not completed within 15 minutes
  authentication_abandoned: '20152',
  lost_card: '30041',
  stolen_card: '30043',
};

const REASONS: ReadonlyMap<string, DeclineReason> = new Map(
  Object.entries(CODES).flatMap(([reason, codes]) =>
    isDeclineReason(reason) ? codes.split(' ').map((code): [string, DeclineReason] => [code, reason]) : [],
  ),
);

export const CHECKOUT_DECLINES: readonly string[] = [...REASONS.keys()];

export function declineOf(responseCode: string): Decline {
  return decline(REASONS.get(responseCode) ?? 'unmapped', responseCode);
}
