/**
 * The merchant account decides the currency: a sale names none. Here the account's own name tells it: the last
 * three letters, where they are a currency (`acme_eur`, `JPY`); an account without one is in US dollars.
 */

import { isoDecimals, parseDecimal } from '../amounts.ts';

export const DEFAULT_MERCHANT_ACCOUNT = 'usd';

export function currencyOf(merchantAccount: string): string {
  const last = merchantAccount.slice(-3).toUpperCase();
  return Intl.supportedValuesOf('currency').includes(last) ? last : 'USD';
}

/** Null for what is no amount of that currency: Braintree takes the decimals that it has, and no more. */
export function amountOf(text: unknown, currency: string): number | null {
  if (typeof text !== 'string' && typeof text !== 'number') return null;
  const amount = parseDecimal(String(text), isoDecimals(currency));
  return amount === 0 ? null : amount;
}
