/**
 * Braintree's refusals in our words, from its reference of processor responses (developer.paypal.com/braintree,
 * "Authorization responses") and of gateway rejections. A code that is not here is `unmapped`, never guessed.
 *
 * Where Braintree calls a refusal hard, ours is one that is never tried again with the same card; a wrong security
 * code or address, which it calls hard as well, may pass once corrected, as our words for it say.
 */

import { type Decline, type DeclineReason, decline } from '../../core/declines.ts';

/** By reason, the processor's codes. */
const PROCESSOR: Partial<Record<DeclineReason, string>> = {
  do_not_honor: '2000 2057',
  generic: '2034 2035 2038 2046 2092 2101 2102 2104 2105 2106 4001',
  insufficient_funds: '2001',
  limit_exceeded: '2002',
  velocity_exceeded: '2003 2016 2103',
  issuer_unavailable: '3000',
  processing_error: '2025 2026 2040 2042 2048 2062 2078 2080',
  incorrect_cvc: '2010 2060',
  incorrect_address: '2059',
  expired_card: '2004 2006 2022',
  invalid_number: '2005 2008 2051',
  invalid_account: '2007 2009 2075 2093 2108',
  card_not_supported: '2023 2024',
  lost_card: '2012 2053',
  stolen_card: '2013',
  pickup_card: '2047',
  restricted_card: '2011 2020 2041 2043 2044 2050 2074 2107',
  suspected_fraud: '2014 2021 2077',
  revocation_of_authorization: '2017 2018 2070',
  authentication_required: '2099',
  // What the merchant's own set-up, or PayPal's rules for it, do not allow: no retry will change it.
  transaction_not_allowed:
    '2015 2019 2027 2028 2029 2030 2031 2032 2033 2036 2037 2039 2045 2049 2052 2054 2055 2056 2058 2061 2063 ' +
    '2064 2065 2066 2067 2068 2069 2071 2072 2073 2076 2079 2081 2082 2083 2084 2085 2086 2087 2088 2089 2090 ' +
    '2091 2094 2095 2096 2097 2098 2100',
};

/** Refused by the gateway itself, before any bank was asked. */
const GATEWAY: ReadonlyMap<string, DeclineReason> = new Map([
  ['application_incomplete', 'transaction_not_allowed'],
  ['avs', 'incorrect_address'],
  ['avs_and_cvv', 'incorrect_cvc'],
  ['cvv', 'incorrect_cvc'],
  ['fraud', 'suspected_fraud'],
  ['risk_threshold', 'suspected_fraud'],
  ['three_d_secure', 'authentication_required'],
  ['token_issuance', 'processing_error'],
]);

/** "A recent identical transaction succeeded": it says nothing of a bank, and asks for a look-up. */
export const DUPLICATE = 'duplicate';

export const PROCESSOR_REASONS: ReadonlyMap<string, DeclineReason> = new Map(
  Object.entries(PROCESSOR).flatMap(([reason, codes]) =>
    codes.split(' ').map((code): [string, DeclineReason] => [code, reason as DeclineReason]),
  ),
);

/** Of a settlement that was accepted: the bank of a debit says no, or a card's processor does. */
export const SETTLEMENT_DECLINED = '4001';

/** 2109 to 2999 are documented as one: "Processor Declined", soft. */
const GENERIC = /^2(?:109|1[1-9]\d|[2-9]\d\d)$/;

export function processorDecline(code: string): Decline {
  return decline(PROCESSOR_REASONS.get(code) ?? (GENERIC.test(code) ? 'generic' : 'unmapped'), code);
}

export function gatewayDecline(reason: string): Decline {
  return decline(GATEWAY.get(reason) ?? 'unmapped', reason);
}
