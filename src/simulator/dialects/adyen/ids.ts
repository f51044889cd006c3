/** PSP references: 16 capitals and digits, for whatever there is. */

import { BASE36_CAPITALS, randomText } from '../ids.ts';

export function mint(_prefix: string, random: (length: number) => Uint8Array): string {
  return randomText(BASE36_CAPITALS, 16, random);
}
