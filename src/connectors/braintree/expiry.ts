import { type Ask, readOne } from './reading.ts';
import { isSubmitted, type Transaction } from './transaction.ts';

/** Null unless the gateway itself speaks of this very transaction: silence is no word on its expiry. */
export async function hasExpired(ask: Ask, id: string): Promise<boolean | null> {
  const read = await readOne(ask, id);
  return read.kind === 'read' ? holdsNothing(read.value) : null;
}

/** What was submitted as a whole, in part or not, leaves nothing to be captured; nor do parts that are confirmed. */
function holdsNothing(transaction: Transaction): boolean {
  const { status } = transaction;
  return status === 'authorization_expired' || status === 'settlement_confirmed' || isSubmitted(transaction);
}
