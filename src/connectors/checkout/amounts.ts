/**
 * Amounts as Checkout.com counts them: whole minor units of at most nine digits.
 * Source: checkout.com/docs, "Format the amount value". Nothing is ever rounded.
 */

import { CURRENCIES, currencyDecimals } from '../../core/currencies.ts';

/** Counted in hundredths, though ISO 4217 has none: the last two digits are always 00. */
const HUNDREDFOLD = new Set(['CLP']);
/** "All other currencies" would count these in hundredths, which ISO 4217 does not: nobody says which of them holds. */
const UNPUBLISHED = new Set(['CLF', 'UYI', 'UYW']);
const MOST = 999_999_999;

export const CHECKOUT_CURRENCIES: readonly string[] = CURRENCIES.filter((code) => !UNPUBLISHED.has(code));

/** Null for what has no number there: a third decimal that is not 0, or more than nine digits. */
export function toCheckout(amountMinor: number, currency: string): number | null {
  if (currencyDecimals(currency) === 3 && amountMinor % 10 !== 0) return null;
  const value = HUNDREDFOLD.has(currency) ? amountMinor * 100 : amountMinor;
  return value <= MOST ? value : null;
}

/** Null for what is no amount of the currency. */
export function fromCheckout(value: unknown, currency: string): number | null {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) return null;
  if (!HUNDREDFOLD.has(currency)) return value;
  return value % 100 === 0 ? value / 100 : null;
}
