/** Webhooks to merchants, on their way: from the event table to deliveries, and from there out. */

import type { Statement } from '../pool.ts';
import { ADOPTED, nextEvents } from './consumers.ts';

/** The public type: `refund_succeeded` is `refund.succeeded`, what has no resource of its own is the payment's. */
export const PUBLIC_TYPE = `case when split_part(e.type, '_', 1) in ('payment', 'capture', 'refund', 'dispute', 'exception')
  then regexp_replace(e.type, '_', '.') else 'payment.' || e.type end`;

/**
 * Hands on the next events of the consumer $1: one delivery per event and endpoint that wants it, and the
 * checkpoint with them, or nothing. $2 how many, $3 now. No row: there is nothing to do for us.
 */
export const FAN_OUT: Statement = {
  name: 'notifications_fan_out',
  text: `
with ${nextEvents(`id, payment_id, version, merchant_id, ${PUBLIC_TYPE} as type`)},
written as (
  insert into deliveries (endpoint_id, merchant_id, event_id, payment_id, sequence, type, status, due_at, begun_at,
    created_at)
  select n.id, b.merchant_id, b.id, b.payment_id, b.version, b.type, 'pending', $3, $3, $3
  from batch b
  join payments p on p.id = b.payment_id
  join webhook_endpoints n on n.merchant_id = b.merchant_id and n.mode = p.mode and n.deleted_at is null
    and n.since < b.xid and n.events && array['*', split_part(b.type, '.', 1) || '.*', b.type]
  order by b.xid, b.position, n.id
  on conflict do nothing
  returning 1
),
moved as (
  update event_consumers c set xid = last.xid, position = last.position
  from (select xid, position from batch order by batch.xid desc, batch.position desc limit 1) last
  where c.name = $1
)
select (select count(*)::int from batch) as events, (select count(*)::int from written) as deliveries from place`,
};

/** The consumer $1 begins anew at the present, in this database: after a restore. A row where that was needed. */
export const ADOPT_DATABASE: Statement = {
  name: 'notifications_adopt_database',
  text: `
with ${ADOPTED},
anew as (update webhook_endpoints set since = '0'::xid8 where exists (select from adopted))
select name from adopted`,
};

export type ClaimedRow = {
  id: string;
  endpoint_id: string;
  event_id: string;
  payment_id: string | null;
  sequence: number;
  type: string;
  fence: number;
  attempts: number;
  tries: number;
  begun_at: string;
  url: string;
  mode: 'test' | 'live';
  /** Of its endpoint: whether the order of a payment's deliveries counts, and whether the last one failed. */
  ordered: boolean;
  failing: boolean;
  secret: Buffer;
  previous_secret: Buffer | null;
  previous_until: string | null;
  /** Of the event; for a test event null, and when it was made. */
  data: string | null;
  created_at: string;
};

/**
 * The first that is pending of the payment of `d`. `is not distinct from` is an equality that no index serves: the only
 * one that is left is that of the payment's deliveries (migrations/0011_deliveries_in_order.sql).
 */
export const FIRST_PENDING = `select first.sequence from deliveries first
        where first.payment_id = d.payment_id and first.status = 'pending'
          and first.endpoint_id is not distinct from d.endpoint_id
        order by first.sequence limit 1`;

/** Of the endpoints for which `of` holds what is due, at most `count`. */
const dueOf = (of: string, count: string) => `
  (select d.id from open cross join lateral (
    select d.id from deliveries d
    where d.endpoint_id = open.id and d.status = 'pending' and d.due_at <= $1
      and (not open.ordered or d.payment_id is null or d.sequence = (${FIRST_PENDING}))
    order by d.due_at, d.id limit open.room
    for update of d skip locked
  ) d
  where ${of} limit ${count})`;

/**
 * $1 now, $2 end of the lease, $3 how many in all, and $4 how many for one, of the endpoints that do not fail, $5 how many
 * of those that do, one for each; $6 and $7 endpoints with the number that is under way here already.
 *
 * Endpoint by endpoint, those with least under way first: the backlog of one is never read for another's sake,
 * and none waits because others have much to send.
 */
export const CLAIM_DELIVERIES: Statement = {
  name: 'notifications_claim',
  text: `
with open as materialized (
  select n.id, n.ordered, n.failing_since is not null as failing,
    case when n.failing_since is null then $4::int else 1 end - coalesce(busy.count, 0) as room
  from webhook_endpoints n left join unnest($6::uuid[], $7::int[]) as busy (endpoint_id, count) on busy.endpoint_id = n.id
  where n.status = 'enabled' and n.deleted_at is null
    and coalesce(busy.count, 0) < case when n.failing_since is null then $4::int else 1 end
  order by coalesce(busy.count, 0)
),
due as materialized (${dueOf('not open.failing', '$3')}
  union all ${dueOf('open.failing', '$5')}
),
claimed as (
  update deliveries d set due_at = $2, leased_until = $2, fence = d.fence + 1, attempts = d.attempts + 1,
    tries = d.tries + 1
  from due where d.id = due.id
  returning d.*
)
select c.id, c.endpoint_id, c.event_id, c.payment_id, c.sequence, c.type, c.fence, c.attempts, c.tries, c.begun_at,
  n.url, n.mode, n.ordered, n.failing_since is not null as failing, n.secret, n.previous_secret, n.previous_until, e.data,
  coalesce(e.recorded_at, c.created_at) as created_at
from claimed c join webhook_endpoints n on n.id = c.endpoint_id
left join events e on e.payment_id = c.payment_id and e.version = c.sequence
order by c.id`,
};

export type FinishedRow = { disabled: boolean; failing_since: string | null };

const finish = (more: string) => `
with finished as (
  update deliveries set status = $3, due_at = $4, leased_until = null where id = $1 and fence = $2
  returning id, endpoint_id, payment_id, sequence
),
logged as (
  insert into delivery_attempts (delivery_id, number, url, attempted_at, duration_ms, http_status, response, error)
  select id, $5, $6, $7, $8, $9, $10, $11 from finished
  on conflict do nothing
),
before as materialized (
  select n.id, n.failing_since, n.status = 'enabled' and $3 <> 'succeeded' and n.failing_since <= $12 as dead
  from webhook_endpoints n join finished f on f.endpoint_id = n.id
),
told as (
  update webhook_endpoints n
  set failing_since = case when $3 = 'succeeded' then null else coalesce(n.failing_since, $7) end,
    status = case when before.dead then 'disabled' else n.status end,
    disabled_reason = case when before.dead then 'failing' else n.disabled_reason end,
    updated_at = case when before.dead then $7 else n.updated_at end
  from before where n.id = before.id
    and ((n.failing_since is null) <> ($3 = 'succeeded') or before.dead)
)${more}
select coalesce(dead, false) as disabled, failing_since from before`;

/**
 * What became of an attempt: $1 delivery, $2 fence, $3 status, $4 when due again, then the attempt ($5 number,
 * $6 url, $7 at, $8 milliseconds, $9 HTTP status, $10 response, $11 error). An endpoint that has only failed
 * since $12 is disabled. No row when the lease was lost: then it is another's to say. Otherwise since when the
 * endpoint had been failing before, and whether this disabled it.
 */
export const FINISH_DELIVERY: Statement = { name: 'notifications_finish', text: finish('') };

/**
 * The same where the order of a payment's deliveries counts: those behind one that failed come due with it, and those
 * behind one that is over at once. While they cannot be sent no claim has to read past them.
 */
export const FINISH_IN_ORDER: Statement = {
  name: 'notifications_finish_in_order',
  text: finish(`,
behind as (
  update deliveries d set due_at = $4 from finished f cross join lateral (
    select w.id from deliveries w
    where w.payment_id = f.payment_id and w.sequence > f.sequence and w.status = 'pending'
      and w.endpoint_id is not distinct from f.endpoint_id
      and case when $3 = 'pending' then w.due_at < $4 else w.due_at > $4 end
  ) waits where d.id = waits.id
)`),
};

/** What waits for the endpoint $1 is due at once ($2 now), as if it had just begun where $3 is true; $4 at a time. */
export const RELEASE_DELIVERIES: Statement = {
  name: 'notifications_release',
  text: `update deliveries set due_at = $2, begun_at = case when $3 then $2 else begun_at end,
      tries = case when $3 then 0 else tries end
    where id in (select id from deliveries where endpoint_id = $1 and status = 'pending' and due_at > $2
      and (leased_until is null or leased_until <= $2) limit $4 for update skip locked)`,
};

/** $1 made before, $2 how many. */
export const FORGET_DELIVERIES: Statement = {
  name: 'notifications_forget',
  text: `delete from deliveries where id in (
    select id from deliveries where created_at < $1 order by created_at limit $2 for update skip locked)`,
};
