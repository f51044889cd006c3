/**
 * Stripe's amounts: whole numbers of a minor unit that is not always the one of ISO 4217. Nothing is rounded: what
 * Stripe cannot be told exactly is refused before the call, and what it says that we cannot hold is unreadable.
 *
 * Source: https://docs.stripe.com/currencies (zero- and three-decimal currencies, special cases, the list of those
 * that can be charged). HUF and TWD are whole in payouts only: charges have two decimals, as in ISO.
 */

import { currencyDecimals, isCurrency } from '../../core/currencies.ts';

/** Decimals at Stripe, where they are not those of ISO 4217. ISK and UGX have two, both always zero. */
const DEVIATIONS: ReadonlyMap<string, number> = new Map([
  ['ISK', 2],
  ['UGX', 2],
  ['MGA', 0],
]);

const CHARGEABLE =
  'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP CNY COP ' +
  'CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD ' +
  'JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN ' +
  'NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD ' +
  'SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW';

export const STRIPE_CURRENCIES: readonly string[] = CHARGEABLE.split(' ');

/** From our minor units to Stripe's; null when Stripe has no such amount in this currency. */
export function toStripe(amountMinor: number, currency: string): number | null {
  const decimals = currencyDecimals(currency);
  // The API counts in thousandths, and its partners in hundredths: the last digit must be zero.
  if (decimals === 3 && amountMinor % 10 !== 0) return null;
  return scaled(amountMinor, decimals, DEVIATIONS.get(currency) ?? decimals);
}

/** From Stripe's minor units to ours; null for what is no amount of the currency. `currency` as Stripe spells it: `eur`. */
export function fromStripe(amount: unknown, currency: string): number | null {
  const code = currency.toUpperCase();
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount) || amount < 0 || !isCurrency(code))
    return null;
  const decimals = currencyDecimals(code);
  return scaled(amount, DEVIATIONS.get(code) ?? decimals, decimals);
}

/** Null where it falls between two amounts, or beyond what a JSON number carries exactly. */
function scaled(amount: number, from: number, to: number): number | null {
  if (to >= from) {
    const larger = amount * 10 ** (to - from);
    return Number.isSafeInteger(larger) ? larger : null;
  }
  const factor = 10 ** (from - to);
  return amount % factor === 0 ? amount / factor : null;
}
