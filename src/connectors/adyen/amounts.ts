/**
 * Amounts as Adyen counts them: whole minor units, with deviations from ISO 4217.
 * Source: Adyen's page "Currency codes" and its Magento plugin (`Helper/Data.php`). Nothing is ever rounded.
 */

import { CURRENCIES, currencyDecimals } from '../../core/currencies.ts';

const DECIMALS: ReadonlyMap<string, number> = new Map([
  ['CLP', 2],
  ['CVE', 0],
  ['IDR', 0],
  ['ISK', 2],
]);

/** Adyen publishes no decimals of these, so nobody can say what a number of them would mean. */
const UNPUBLISHED = new Set(['BIF', 'CLF', 'MGA', 'UYI', 'UYW']);

export const ADYEN_CURRENCIES: readonly string[] = CURRENCIES.filter((code) => !UNPUBLISHED.has(code));

/** Null for what has no number at Adyen: 10.50 in a currency that it counts without decimals. */
export function toAdyen(amountMinor: number, currency: string): number | null {
  return scaled(amountMinor, shiftOf(currency));
}

/** Null for what has no number here, and for what is none. */
export function fromAdyen(value: unknown, currency: string): number | null {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) return null;
  return scaled(value, -shiftOf(currency));
}

function shiftOf(currency: string): number {
  const decimals = currencyDecimals(currency);
  return (DECIMALS.get(currency) ?? decimals) - decimals;
}

function scaled(amount: number, shift: number): number | null {
  const factor = 10 ** Math.abs(shift);
  const result = shift >= 0 ? amount * factor : amount / factor;
  return Number.isSafeInteger(result) ? result : null;
}
