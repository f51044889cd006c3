/** Finding transactions in the books: sales by their own id, parts and refunds by the shelf. */

import type { Books, Charge } from '../../books.ts';
import { fresh } from '../../keeping.ts';
import { findThing, type Thing } from '../../shelf.ts';
import type { Simulator } from '../../simulator.ts';
import { idOf } from './view.ts';
import { BRAINTREE, saleWire, type Told } from './wire.ts';

const PART_OF = 'part_of';

/** Where a transaction is that is not the sale itself. */
export function signpost(id: string, charge: Charge, at: number): Thing {
  return { dialect: BRAINTREE, type: PART_OF, id, at, data: { charge: charge.id } };
}

export function findTransaction(sim: Simulator, id: string): Told | null {
  const post = findThing(sim.books.shelf, BRAINTREE, PART_OF, id);
  const found = fresh(sim, sim.books.charges.get(post === undefined ? id : String(post.data['charge'])));
  // What was refunded in the dashboard has no signpost.
  if (found === null) return allTransactions(sim.books).find((told) => idOf(told) === id) ?? null;
  if (found.dialect !== BRAINTREE) return null;
  return transactionsOf(found).find((told) => idOf(told) === id) ?? null;
}

/** The sale first. Its own capture is no transaction; those in parts are, and every refund is. */
export function transactionsOf(charge: Charge): Told[] {
  const parts = saleWire(charge).parts === 'none' ? [] : charge.captures;
  return [
    { kind: 'sale', charge },
    ...parts.map((capture): Told => ({ kind: 'part', charge, capture })),
    ...charge.refunds.map((refund): Told => ({ kind: 'refund', charge, refund })),
  ];
}

/** Every transaction of the dialect, the newest sale last. */
export function allTransactions(books: Books): Told[] {
  return [...books.charges.values()].filter(({ dialect }) => dialect === BRAINTREE).flatMap(transactionsOf);
}
