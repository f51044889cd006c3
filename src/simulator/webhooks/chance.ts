/** Chance that repeats itself: the same seed and the same thing give the same number, in whatever order it is asked. */

import { hash } from 'node:crypto';

/** From 0 to below 1. */
export function chance(seed: number, ...thing: (string | number)[]): number {
  return Number.parseInt(hash('sha256', [seed, ...thing].join('/')).slice(0, 12), 16) / 2 ** 48;
}
