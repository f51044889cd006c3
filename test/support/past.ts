/** When the event table's consumers see what has been committed. */

import type { Pool } from 'pg';
import { expect } from 'vitest';

const OPEN = 'select from events where xid >= pg_snapshot_xmin(pg_current_snapshot()) limit 1';

/**
 * Waits until every event is below every open transaction: those of other databases of the server count too, so one
 * of another test can hold up what this one has committed.
 */
export async function untilPast(pool: Pool): Promise<void> {
  const open = async () => (await pool.query(OPEN)).rowCount;
  await expect.poll(open, { timeout: 20_000, interval: 5 }).toBe(0);
}
