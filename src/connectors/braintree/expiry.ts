import { type Ask, readOne } from './reading.ts';

/** Null unless the gateway itself speaks of this very transaction: silence is no word on its expiry. */
export async function hasExpired(ask: Ask, id: string): Promise<boolean | null> {
  const read = await readOne(ask, id);
  return read.kind === 'read' ? read.value.status === 'authorization_expired' : null;
}
