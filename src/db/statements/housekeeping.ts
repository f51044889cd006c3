/** What keeps the database small, in short statements. */

import type { Statement } from '../pool.ts';

/** $1 completed before, $2 how many. A key whose work never ended is kept: it may still be asked for. */
export const FORGET_KEYS: Statement = {
  name: 'forget_keys',
  text: `delete from idempotency_keys where ctid in (
    select ctid from idempotency_keys where completed_at < $1 limit $2 for update skip locked)`,
};
