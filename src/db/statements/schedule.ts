/** Time-driven work. Claiming pushes the due time forward: that is the lease, and a dead claimant's work comes due again. */

import type { Statement } from '../pool.ts';

export type DueRow = {
  subject: string;
  kind: 'operation' | 'action' | 'unpaid' | 'authorization' | 'waiting';
  payment_id: string;
  tries: number;
  fence: number;
  created_at: string;
  /** When it was claimed the time before this; null the first time. */
  tried_before: string | null;
};

/** $1 now, $2 due time of the lease, $3 how many. */
export const CLAIM_DUE: Statement = {
  name: 'claim_due',
  text: `
    with due as materialized (
      select subject, kind from schedule where due_at <= $1 order by due_at limit $3 for update skip locked
    )
    update schedule s set due_at = $2, fence = s.fence + 1, tries = s.tries + 1, last_tried_at = $1
    from due
    where s.subject = due.subject and s.kind = due.kind and s.subject = any (array(select subject from due))
    returning s.subject, s.kind, s.payment_id, s.tries, s.fence, s.created_at,
      old.last_tried_at as tried_before`,
};

/** Takes over one timer at once if its lease has run out: the retrying caller need not wait for a worker. */
export const CLAIM_ONE: Statement = {
  name: 'claim_one',
  text: `update schedule s set due_at = $2, fence = s.fence + 1, tries = s.tries + 1, last_tried_at = $1
    where s.subject = $3 and s.kind = 'operation' and s.due_at <= $1
    returning s.subject, s.kind, s.payment_id, s.tries, s.fence, s.created_at,
      old.last_tried_at as tried_before`,
};

/** Only the holder of the fence sets the next time: whoever lost the lease has nothing to say any more. */
export const RESCHEDULE: Statement = {
  name: 'reschedule',
  text: `update schedule set due_at = $3, last_result = $4 where subject = $1 and kind = $2 and fence = $5`,
};

export const DUE_NOW: Statement = {
  name: 'due_now',
  text: `select count(*)::int as due, coalesce(extract(epoch from $1::timestamptz - min(due_at)), 0)::float as oldest_seconds
    from schedule where due_at <= $1`,
};

export const EVENT_IS_OURS: Statement = {
  name: 'event_is_ours',
  text: 'select 1 from events where payment_id = $1 and version = $2 and id = $3',
};
