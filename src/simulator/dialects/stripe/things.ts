/** The dialect's own things on the shelf, typed: nobody else writes these types, so the data has its shape. */

import type { Books, Charge } from '../../books.ts';
import { findThing, type Thing, thingsOf } from '../../shelf.ts';
import type { MethodType } from './methods.ts';
import { STRIPE } from './request.ts';

export type CustomerData = {
  email: string | null;
  name: string | null;
  description: string | null;
  metadata: Record<string, string>;
};

/** `magic` says what it does; `setUpBy` is the payment in which the customer let it be used later. */
export type MethodData = {
  magic: string;
  type: MethodType;
  customer: string | null;
  setUpBy: string | null;
  metadata: Record<string, string>;
};

export type IntentData = {
  /** In the books' minor units. */
  amount: number;
  /** In capitals. */
  currency: string;
  captureMethod: 'automatic' | 'automatic_async' | 'manual';
  confirmationMethod: 'automatic' | 'manual';
  multicapture: boolean;
  customer: string | null;
  description: string | null;
  metadata: Record<string, string>;
  method: string | null;
  methodTypes: string[];
  setupFutureUsage: 'off_session' | 'on_session' | null;
  returnUrl: string | null;
  statementDescriptor: string | null;
  /** Of the last attempt, in the books. */
  charge: string | null;
  canceledAt: number | null;
  cancellationReason: string | null;
};

/** What a charge in the books knows of Stripe. */
export type ChargeWire = { intent: string; method: string };

export type Customer = Thing & { data: CustomerData };
export type Method = Thing & { data: MethodData };
export type Intent = Thing & { data: IntentData };
/** Where a refund is. */
export type RefundPlace = Thing & { data: { charge: string } };

type Types = { customer: Customer; payment_method: Method; payment_intent: Intent; refund: RefundPlace };

export function thing<T extends keyof Types>(
  type: T,
  id: string,
  at: number,
  data: Types[T]['data'],
): Types[T] {
  return { dialect: STRIPE, type, id, at, data } as unknown as Types[T];
}

export function find<T extends keyof Types>({ shelf }: Books, type: T, id: string): Types[T] | undefined {
  return findThing(shelf, STRIPE, type, id) as Types[T] | undefined;
}

/** The oldest first. */
export function all<T extends keyof Types>({ shelf }: Books, type: T): readonly Types[T][] {
  return thingsOf(shelf, STRIPE, type) as unknown as readonly Types[T][];
}

export function wireOf({ wire }: Charge): ChargeWire {
  return wire as ChargeWire;
}

/** A charge made in the dashboard has no payment: its page shows it alone. */
export function intentOf(books: Books, charge: Charge): Intent | undefined {
  return charge.wire === undefined ? undefined : find(books, 'payment_intent', wireOf(charge).intent);
}

export function chargeOf(books: Books, { data }: Intent): Charge | null {
  return (data.charge === null ? undefined : books.charges.get(data.charge)) ?? null;
}
