/** Ids as Braintree's: eight small letters and digits, the same for every transaction; a dispute has sixteen. */

import type { IdPrefix } from '../../rules.ts';
import { BASE36_SMALL, randomText } from '../ids.ts';

export function mint(prefix: IdPrefix, random: (length: number) => Uint8Array): string {
  return randomText(BASE36_SMALL, prefix === 'dp' ? 16 : 8, random);
}
