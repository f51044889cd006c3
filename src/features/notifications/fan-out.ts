/** From the event table to deliveries: a consumer with a checkpoint that commits with what it hands on. */

import { query } from '../../db/pool.ts';
import { ADOPT_DATABASE, FAN_OUT } from '../../db/statements/notifications.ts';
import { LIMITS } from '../../ops/limits.ts';
import type { NotificationDeps } from './types.ts';

const CONSUMER = 'merchant_webhooks';

export type FannedOut = { events: number; deliveries: number };

/**
 * Hands on one batch of what has become final. Nothing while another worker is at it: one at a time is enough,
 * and each goes on where the last one stopped.
 */
export async function fanOut(
  { pool, world }: NotificationDeps,
  batch: number = LIMITS.notifications.fanOutBatch,
): Promise<FannedOut> {
  const now = new Date(world.now()).toISOString();
  const [done] = await query<FannedOut>(pool, FAN_OUT, [CONSUMER, batch, now]);
  return done ?? { events: 0, deliveries: 0 };
}

/** In a database that was restored elsewhere transaction ids start anew: the old place says nothing there. */
export async function adoptDatabase({ pool, log }: NotificationDeps): Promise<void> {
  const adopted = await query(pool, ADOPT_DATABASE, [CONSUMER]);
  if (adopted.length === 0) return;
  log.error(
    'the database was restored elsewhere: webhooks begin anew at the present, and miss what was open',
  );
}
