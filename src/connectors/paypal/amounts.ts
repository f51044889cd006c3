/**
 * Amounts as PayPal takes them: decimal strings. Currencies and their decimals are those of
 * https://developer.paypal.com/reference/currency-codes/; HUF and TWD have two in ISO 4217, and none there.
 */

import { currencyDecimals } from '../../core/currencies.ts';
import { textAt } from './json.ts';

export type Money = { currency_code: string; value: string };

/** BRL, CNY and MYR for accounts of those countries only: PayPal refuses the others itself. */
export const PAYPAL_CURRENCIES: readonly string[] =
  'AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD USD'.split(
    ' ',
  );

const WITHOUT_DECIMALS: ReadonlySet<string> = new Set(['HUF', 'JPY', 'TWD']);

/** From minor units of ISO 4217; null where PayPal could not be told exactly. */
export function toPayPal(amountMinor: number, currency: string): Money | null {
  if (!PAYPAL_CURRENCIES.includes(currency)) return null;
  const iso = currencyDecimals(currency);
  const digits = String(amountMinor).padStart(iso + 1, '0');
  const whole = digits.slice(0, digits.length - iso);
  const fraction = digits.slice(digits.length - iso);
  if (!WITHOUT_DECIMALS.has(currency)) return { currency_code: currency, value: `${whole}.${fraction}` };
  return /[1-9]/.test(fraction) ? null : { currency_code: currency, value: whole };
}

/** In minor units of ISO 4217; null for what is no amount in this currency. */
export function fromPayPal(money: unknown, currency: string): number | null {
  if (textAt(money, 'currency_code') !== currency) return null;
  const [, whole, fraction = ''] = /^(\d{1,13})(?:\.(\d{1,4}))?$/.exec(textAt(money, 'value') ?? '') ?? [];
  if (whole === undefined) return null;
  const decimals = currencyDecimals(currency);
  if (/[1-9]/.test(fraction.slice(decimals))) return null;
  const amount = Number(whole + fraction.slice(0, decimals).padEnd(decimals, '0'));
  return Number.isSafeInteger(amount) ? amount : null;
}
