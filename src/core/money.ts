/**
 * Money is an integer count of a currency's minor unit. There is no other representation inside, no floating
 * point, and no rounding: an amount that does not fit is refused at the edge.
 */

import { currencyDecimals, isCurrency } from './currencies.ts';

export type Money = { amountMinor: number; currency: string };

export type MoneyProblem =
  | 'amount_not_integer'
  | 'amount_not_positive'
  | 'amount_too_large'
  | 'currency_unknown';

/** Largest amount that a JSON number carries exactly: 2^53 − 1. */
export const MAX_AMOUNT_MINOR = Number.MAX_SAFE_INTEGER;

/** What is wrong with this amount as something to be paid, or null. Accepts anything, as input is anything. */
export function moneyProblem(amount: unknown, currency: unknown): MoneyProblem | null {
  if (typeof currency !== 'string' || !isCurrency(currency)) return 'currency_unknown';
  if (typeof amount !== 'number' || Number.isNaN(amount)) return 'amount_not_integer';
  if (Math.abs(amount) > MAX_AMOUNT_MINOR) return 'amount_too_large';
  if (!Number.isInteger(amount)) return 'amount_not_integer';
  return amount > 0 ? null : 'amount_not_positive';
}

/** For people: `EUR 42.00`, `JPY 4200`, `KWD 4.200`. */
export function formatMoney({ amountMinor, currency }: Money): string {
  return `${currency} ${decimalString(amountMinor, currencyDecimals(currency))}`;
}

/** The exact decimal string of an amount: `decimalString(-5, 2)` is `-0.05`. */
export function decimalString(amountMinor: number, decimals: number): string {
  const digits = String(Math.abs(amountMinor)).padStart(decimals + 1, '0');
  const sign = amountMinor < 0 ? '-' : '';
  return decimals === 0 ? sign + digits : `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
