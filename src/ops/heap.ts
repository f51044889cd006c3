/** How V8 keeps the heap of a process that serves. */

import { setFlagsFromString } from 'node:v8';
import { LIMITS } from './limits.ts';

/**
 * Lets the heap become several times what is alive in it before V8 marks all of it, on every core, while payments
 * wait (docs/decisions/0021-messages-to-postgresql.md). Small processes pay with some 100 MB; the bound of the whole
 * heap stays V8's own, or `--max-old-space-size`.
 */
export function letHeapGrow(): void {
  setFlagsFromString(`--heap-growing-percent=${LIMITS.heap.growthPercent}`);
}
