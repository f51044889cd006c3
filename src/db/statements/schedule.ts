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
  leased_until: string;
};

const CLAIMED = `s.subject, s.kind, s.payment_id, s.tries, s.fence, s.created_at,
      old.last_tried_at as tried_before, s.due_at as leased_until`;

/**
 * $1 now, $2 how many. Puts what is due for the first time with the provider of the payment's last attempt. Another
 * attempt's work is with the wrong one, which costs that one a place, and nothing else.
 */
export const SORT_DUE: Statement = {
  name: 'sort_due',
  text: `
    with due as materialized (
      select subject, kind from schedule where provider is null and due_at <= $1
      order by due_at limit $2 for update skip locked
    )
    update schedule s set provider = coalesce(
      (select p.state -> 'attempts' -> -1 ->> 'provider' from payments p where p.id = s.payment_id), 'none')
    from due
    where s.subject = due.subject and s.kind = due.kind and s.subject = any (array(select subject from due))`,
};

/** Those that anything is put with: one look into the index for each, and a last one that finds none. */
const PROVIDERS = `providers as (
      select min(provider) as provider from schedule
      union all
      select (select min(s.provider) from schedule s where s.provider > p.provider) from providers p
      where p.provider is not null
    )`;

/**
 * $1 now, $2 due time of the lease, $3 how many may be under way for one provider, $4 and $5 providers with the number
 * that is under way here. Provider by provider, so that the backlog of one is never read for another's sake.
 */
export const CLAIM_DUE: Statement = {
  name: 'claim_due',
  text: `
    with recursive ${PROVIDERS},
    open as materialized (
      select p.provider, $3::int - coalesce(busy.count, 0) as room from providers p
      left join unnest($4::text[], $5::int[]) as busy (provider, count) on busy.provider = p.provider
      where coalesce(busy.count, 0) < $3
    ),
    due as materialized (
      select d.subject, d.kind from open cross join lateral (
        select subject, kind from schedule where provider = open.provider and due_at <= $1
        order by due_at limit open.room for update skip locked
      ) d
    )
    update schedule s set due_at = $2, fence = s.fence + 1, tries = s.tries + 1, last_tried_at = $1
    from due
    where s.subject = due.subject and s.kind = due.kind and s.subject = any (array(select subject from due))
    returning s.provider, ${CLAIMED}`,
};

/** Takes over one timer at once if its lease has run out: the retrying caller need not wait for a worker. */
export const CLAIM_ONE: Statement = {
  name: 'claim_one',
  text: `update schedule s set due_at = $2, fence = s.fence + 1, tries = s.tries + 1, last_tried_at = $1
    where s.subject = $3 and s.kind = 'operation' and s.due_at <= $1
    returning ${CLAIMED}`,
};

/**
 * $1 subject, $2 kind, $3 when next, $4 why, $5 fence, $6 the lease's end where a time that an event has set meanwhile is
 * to stand. Only the holder of the fence sets the next time: whoever lost the lease has nothing to say any more.
 */
export const RESCHEDULE: Statement = {
  name: 'reschedule',
  text: `update schedule set last_result = $4,
      due_at = case when $6::timestamptz is null or due_at = $6 then $3 else due_at end
    where subject = $1 and kind = $2 and fence = $5`,
};

export const DUE_NOW: Statement = {
  name: 'due_now',
  text: `
    with recursive ${PROVIDERS},
    due as (
      select count(*) as count, min(due_at) as oldest from schedule where provider is null and due_at <= $1
      union all
      select d.count, d.oldest from providers p cross join lateral (
        select count(*) as count, min(due_at) as oldest from schedule
        where provider = p.provider and due_at <= $1
      ) d
    )
    select sum(count)::int as due, coalesce(extract(epoch from $1::timestamptz - min(oldest)), 0)::float as oldest_seconds
    from due`,
};

export const EVENT_IS_OURS: Statement = {
  name: 'event_is_ours',
  text: 'select 1 from events where payment_id = $1 and version = $2 and id = $3',
};
