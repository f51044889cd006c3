/**
 * Amounts as Braintree has them: decimal texts with the decimals of ISO 4217, as the merchant account's currency
 * has them ("must match the currency format of the merchant account", reference of Transaction: Sale). There is no
 * deviation to translate, and nothing is rounded: what does not fit is no amount.
 */

import { currencyDecimals, isCurrency } from '../../core/currencies.ts';
import { decimalString } from '../../core/money.ts';

export function amountText(amountMinor: number, currency: string): string {
  return decimalString(amountMinor, currencyDecimals(currency));
}

/** Null for what is no amount of that currency. Answers may have fewer decimals, or zeros beyond: `250.0`, `4200.00`. */
export function amountMinorOf(text: unknown, currency: unknown): number | null {
  if (typeof text !== 'string' || typeof currency !== 'string' || !isCurrency(currency)) return null;
  const decimals = currencyDecimals(currency);
  const [, whole, fraction = ''] = /^(\d{1,15})(?:\.(\d{1,10}))?$/.exec(text) ?? [];
  if (whole === undefined || /[1-9]/.test(fraction.slice(decimals))) return null;
  const amount = Number(whole + fraction.slice(0, decimals).padEnd(decimals, '0'));
  return Number.isSafeInteger(amount) ? amount : null;
}
