/** Ids as Stripe's: a prefix that tells the type, and 24 letters and digits. */

import type { IdPrefix } from '../../rules.ts';
import { BASE62, randomText } from '../ids.ts';

const PREFIXES: Record<IdPrefix, string> = {
  ch: 'ch',
  cap: 'txn',
  rf: 're',
  vd: 'txn',
  rv: 'txn',
  rr: 'txn',
  we: 'we',
  dp: 'du',
};

/** Types of the dialect's own things have one too. */
export type ThingPrefix = 'cus' | 'pi' | 'pm' | 'req';

export function mint(prefix: IdPrefix, random: (length: number) => Uint8Array): string {
  return `${PREFIXES[prefix]}_${randomText(BASE62, 24, random)}`;
}

/** A new id of a thing, from the moment's own ids: whatever makes those differ makes these differ. */
export function thingId(prefix: ThingPrefix, minted: string): string {
  return `${prefix}_${minted.slice(minted.indexOf('_') + 1)}`;
}
