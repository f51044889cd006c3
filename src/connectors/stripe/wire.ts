/**
 * Stripe's objects as they came. Their fields are named by the SDK's types, so that a name that Stripe does not have
 * does not compile, and hold anything: each is checked where it is read.
 */

import type Stripe from 'stripe';

export type Wire<T> = { readonly [Name in keyof T]?: unknown };

export type WireIntent = Wire<Stripe.PaymentIntent>;
export type WireCharge = Wire<Stripe.Charge>;
export type WireRefund = Wire<Stripe.Refund>;
export type WireDispute = Wire<Stripe.Dispute>;
export type WireError = Wire<Stripe.StripeRawError>;

export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Null for what is no object of this kind: Stripe names the kind in `object`. */
export function objectOf<T>(value: unknown, kind: string): Wire<T> | null {
  return isObject(value) && value['object'] === kind ? (value as Wire<T>) : null;
}

/** Of any object within another; null where there is none. */
export function within<T>(value: unknown): Wire<T> | null {
  return isObject(value) ? (value as Wire<T>) : null;
}

export function textOf<T>(object: Wire<T> | null, name: keyof T): string | null {
  const value: unknown = object?.[name];
  return typeof value === 'string' ? value : null;
}

/** Of what Stripe shows as an id, or, when asked to, as the whole object. */
export function idOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return isObject(value) && typeof value['id'] === 'string' ? value['id'] : null;
}

/** Stripe tells whole seconds. */
export function timeOf(seconds: unknown): string | null {
  const valid = typeof seconds === 'number' && Number.isSafeInteger(seconds) && seconds >= 0;
  return valid && seconds < 8.64e12 ? new Date(seconds * 1000).toISOString() : null;
}

/** Our own words on an object, as we sent them. */
export type Told = 'reference' | 'attempt' | 'operation';

export function toldIn(metadata: unknown, name: string): string | null {
  const value = isObject(metadata) && Object.hasOwn(metadata, name) ? metadata[name] : null;
  return typeof value === 'string' && value !== '' ? value : null;
}
