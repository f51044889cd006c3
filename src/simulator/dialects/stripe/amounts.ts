/**
 * Stripe's minor units. Source: https://docs.stripe.com/currencies. ISK and UGX have no decimals and are still
 * sent with two, which must be zero; MGA has none at Stripe and two in ISO 4217. Three decimals end in zero.
 */

import { type Deviations, fromBooks, isoDecimals, toBooks } from '../amounts.ts';

const DEVIATIONS: Deviations = new Map([
  ['ISK', 2],
  ['UGX', 2],
  ['MGA', 0],
]);

/** Null for what Stripe refuses in this currency. */
export function booksAmount(amount: number, currency: string): number | null {
  if (isoDecimals(currency) === 3 && amount % 10 !== 0) return null;
  return toBooks(amount, currency, DEVIATIONS);
}

export function stripeAmount(amount: number, currency: string): number {
  return fromBooks(amount, currency, DEVIATIONS);
}
