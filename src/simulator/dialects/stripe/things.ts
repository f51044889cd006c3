/** The dialect's own things on the shelf, typed. */

import type { Books } from '../../books.ts';
import { findThing, type Thing, thingsOf } from '../../shelf.ts';
import { STRIPE } from './request.ts';

export type CustomerData = {
  email: string | null;
  name: string | null;
  description: string | null;
  metadata: Record<string, string>;
};

export type Customer = Thing & { data: CustomerData };

export function customerThing(id: string, at: number, data: CustomerData): Customer {
  return { dialect: STRIPE, type: 'customer', id, at, data };
}

/** Nobody else writes this type on the shelf, so the data has its shape. */
export function findCustomer({ shelf }: Books, id: string): Customer | undefined {
  return findThing(shelf, STRIPE, 'customer', id) as Customer | undefined;
}

export function customersOf({ shelf }: Books): readonly Customer[] {
  return thingsOf(shelf, STRIPE, 'customer') as readonly Customer[];
}
