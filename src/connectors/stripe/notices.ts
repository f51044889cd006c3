/** From what happened to notices: whose a fact is, by our own words in the metadata, else by Stripe's id of the payment. */

import { isId } from '../../core/ids.ts';
import type { FactTold, Notice } from '../port.ts';
import { toldIn } from './wire.ts';

/** `at` is when it happened; `id` names the event. */
export type Happened = { type: string; id: string; at: string | null };

/** Notices; a sentence why it says nothing about money; null where something is missing: half a fact is none. */
export type Read = (happened: Happened, object: unknown) => Notice[] | string | null;

/** `currency` as Stripe spells it: `eur`. */
export type About = { metadata: unknown; paymentIntent: string; currency: unknown };

export const NOT_OURS = 'a payment that was not made here: its metadata does not name one of ours';

export function noticesOf(
  { metadata, paymentIntent, currency }: About,
  facts: readonly FactTold[],
): Notice[] {
  const [reference, attempt] = [toldIn(metadata, 'reference'), toldIn(metadata, 'attempt')];
  const told = typeof currency === 'string' ? { currency: currency.toUpperCase() } : {};
  return facts.map((fact) => ({ reference, attempt, providerReference: paymentIntent, ...told, fact }));
}

/** Payments carry our metadata since they were made: one without is another program's. */
export function isOurs(metadata: unknown): boolean {
  return toldIn(metadata, 'reference') !== null;
}

/** Null for what nobody here asked for. */
export function operationIn(metadata: unknown): string | null {
  const operation = toldIn(metadata, 'operation');
  return operation !== null && isId('operation', operation) ? operation : null;
}

/** A sale's capture has the name of its charge, here as in the answer to the call that made it. */
export function sold(charge: string | null, amount: number, provider_at: string | null): FactTold[] {
  return charge === null
    ? []
    : [{ kind: 'captured', movement: charge, operation: null, amount, provider_at }];
}
