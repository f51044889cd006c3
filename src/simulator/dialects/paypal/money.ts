/** Amounts as PayPal writes them: decimal strings, in the currencies that it knows. */

import { type Deviations, formatDecimal, fromBooks, isoDecimals, parseDecimal, toBooks } from '../amounts.ts';
import { at, textOf } from './request.ts';

export type Money = { currency_code: string; value: string };

/** https://developer.paypal.com/reference/currency-codes/ */
const CURRENCIES: ReadonlySet<string> = new Set(
  'AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD USD'.split(
    ' ',
  ),
);

/** Without decimals at PayPal, with two in ISO 4217. */
const DEVIATIONS: Deviations = new Map([
  ['HUF', 0],
  ['TWD', 0],
]);

export type MoneyProblem =
  | 'INVALID_CURRENCY_CODE'
  | 'DECIMALS_NOT_SUPPORTED'
  | 'DECIMAL_PRECISION'
  | 'CANNOT_BE_ZERO_OR_NEGATIVE';

/** In the minor units of the books, or PayPal's word for what is wrong; null for what is no money at all. */
export function readMoney(body: unknown): { amount: number; currency: string } | MoneyProblem | null {
  const currency = textOf(at(body), 'currency_code');
  const value = textOf(at(body), 'value');
  if (currency === null || value === null) return null;
  if (!CURRENCIES.has(currency)) return 'INVALID_CURRENCY_CODE';
  const decimals = decimalsOf(currency);
  const own = parseDecimal(value, decimals);
  // Noughts are decimals too.
  const fraction = value.split('.')[1];
  if (own === null || (fraction !== undefined && fraction.length > decimals) || value.endsWith('.'))
    return decimals === 0 ? 'DECIMALS_NOT_SUPPORTED' : 'DECIMAL_PRECISION';
  const amount = toBooks(own, currency, DEVIATIONS);
  return amount === null || amount <= 0 ? 'CANNOT_BE_ZERO_OR_NEGATIVE' : { amount, currency };
}

export function moneyOf(amount: number, currency: string): Money {
  const own = fromBooks(amount, currency, DEVIATIONS);
  return { currency_code: currency, value: formatDecimal(own, decimalsOf(currency)) };
}

function decimalsOf(currency: string): number {
  return DEVIATIONS.get(currency) ?? isoDecimals(currency);
}
