/** How far the database's clock is from ours: leases and due times are on the database's. */

import type { World } from '../ops/world.ts';
import { type Pool, query } from './pool.ts';
import { CLOCK } from './statements/server.ts';

/** What is within `errorMs` may be the way there and back, and says nothing. */
export type ClockReading = { aheadMs: number; errorMs: number };

const READINGS = 4;

export async function readClock(pool: Pool, world: Pick<World, 'now' | 'monotonic'>): Promise<ClockReading> {
  // The first query may pay for a connection; of the others the quickest tells most closely.
  await query(pool, CLOCK);
  let best = await readOnce(pool, world);
  for (let n = 1; n < READINGS; n++) {
    const next = await readOnce(pool, world);
    if (next.errorMs < best.errorMs) best = next;
  }
  return best;
}

async function readOnce(
  pool: Pool,
  { now, monotonic }: Pick<World, 'now' | 'monotonic'>,
): Promise<ClockReading> {
  const begin = monotonic();
  const [row] = await query<{ now_ms: number }>(pool, CLOCK);
  const errorMs = (monotonic() - begin) / 2;
  const ours = now() - errorMs;
  return { aheadMs: (row?.now_ms ?? ours) - ours, errorMs };
}
