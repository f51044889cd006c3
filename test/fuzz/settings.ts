/** How long and from which seed: a few seconds in `npm test`, minutes with `npm run fuzz`. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export const MINUTES = Number(process.env['FUZZ_MINUTES'] ?? 0);

/** Another day, other values; what fails names the seed to come back with. */
export const SEED = Number(
  process.env['FUZZ_SEED'] ?? new Date().toISOString().slice(0, 10).replaceAll('-', ''),
);

/** Runs of a property that needs no process but this. */
export const RUNS = MINUTES > 0 ? Math.round(20_000 * MINUTES) : 400;

export const TIMEOUT_MS = 120_000 + MINUTES * 180_000;

/** What is really held, in MiB: after a collection. */
export function heapMiB(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return Math.round(process.memoryUsage().heapUsed / 1024 / 1024);
}
