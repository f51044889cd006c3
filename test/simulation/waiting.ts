/** Waiting with an end. */

import type { Owner, Scheduler } from './scheduler.ts';

/** What the work gives, or null when it has not come in time: as from a process that is no more. */
export async function inTime<T>(
  scheduler: Scheduler,
  owner: Owner,
  ms: number,
  work: Promise<T>,
): Promise<T | null> {
  const over = new AbortController();
  const late = scheduler.sleep(owner, ms, over.signal).then(() => null);
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}
