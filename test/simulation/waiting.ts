/** Waiting with an end. */

import type { Owner } from './owner.ts';
import type { Scheduler } from './scheduler.ts';

/** What the work gives, or null when it has not come in time: as from a process that is no more. */
export async function inTime<T>(
  scheduler: Scheduler,
  owner: Owner,
  ms: number,
  work: Promise<T>,
): Promise<T | null> {
  const { over, cancel } = scheduler.timer(owner, ms);
  try {
    return await Promise.race([work, over.then(() => null)]);
  } finally {
    cancel();
  }
}
