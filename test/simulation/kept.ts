/** Seeds that failed once: they are run with every `npm test`. */

import { readFileSync } from 'node:fs';

/** `found`: what was wrong then. */
export type KeptSeed = { seed: number; days: number; lives: number; provider: string; found: string };

export const KEPT: readonly KeptSeed[] = JSON.parse(
  readFileSync(new URL('./seeds.json', import.meta.url), 'utf8'),
) as KeptSeed[];
