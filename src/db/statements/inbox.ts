/** The inbox: deliveries of providers, from their arrival to what came of them. */

import type { Statement } from '../pool.ts';
import type { RecordWriter } from '../records.ts';

export type DeliveryRow = {
  /** A UUID. */
  id: string;
  provider: string;
  account: string;
  event_id: string;
  received_at: string;
  headers: string;
  body: Buffer;
  repeats: number;
};

/** The columns of `inbox_delivery`, in its order. */
export function writeDelivery(list: RecordWriter, row: DeliveryRow): void {
  list.uuid(row.id);
  list.text(row.provider);
  list.text(row.account);
  list.text(row.event_id);
  list.time(row.received_at);
  list.json(row.headers);
  list.bytea(row.body);
  list.int4(row.repeats);
}

export const DELIVERY_TYPE: Statement = {
  name: 'inbox_delivery_type',
  text: `select 'inbox_delivery'::regtype::oid::int8 as oid`,
};

/**
 * $1 deliveries, one of each event. Gives the places of those that are new, and of those whose event came before with
 * another body; the others are counted. Sorted, so that two processes with the same deliveries wait for each other in
 * one order.
 */
export const STORE_DELIVERIES: Statement = {
  name: 'store_deliveries',
  text: `
with given as materialized (select * from unnest($1::inbox_delivery[])),
stored as (
  insert into inbox (id, provider, account, event_id, received_at, headers, body, repeats)
  select id, provider, account, event_id, received_at, headers, body, repeats from given
  order by provider, account, event_id
  on conflict (provider, account, event_id) do update set repeats = inbox.repeats + excluded.repeats + 1
  returning id, provider, account, event_id, old.body as before
),
fresh as materialized (select given.* from given join stored using (id)),
due as (
  insert into inbox_due (inbox_id, provider, state, due_at, received_at)
  select id, provider, 'received', received_at, received_at from fresh
)
select n, true as fresh from fresh
union all
select n, false from given join stored using (provider, account, event_id) where given.body <> stored.before`,
};

export type DueDelivery = {
  id: string;
  provider: string;
  account: string;
  body: Buffer;
  received_at: string;
  tries: number;
  fence: number;
  state: 'received' | 'parked' | 'set_aside';
  /** The replay that handed it out and has no result of it yet. */
  replay_id: string | null;
};

/**
 * Behind `due`; $3 is the end of the lease. `= any (array(…))` tells how few they are: joined with the claim, the
 * planner takes a tenth of the table for `limit $4`, and reads all of a backlog for each batch.
 */
const CLAIM = `claimed as (
  update inbox_due d set due_at = $3, tries = d.tries + 1, fence = d.fence + 1
  where d.inbox_id = any (array(select inbox_id from due))
  returning d.inbox_id, d.tries, d.fence, d.state, d.replay_id
)
select i.id, i.provider, i.account, i.body, i.received_at, c.tries, c.fence, c.state, c.replay_id
from inbox i join claimed c on c.inbox_id = i.id
where i.id = any (array(select inbox_id from due)) order by i.id`;

/** $1 provider, $2 now, $3 end of the lease, $4 how many. */
export const CLAIM_DELIVERIES: Statement = {
  name: 'claim_deliveries',
  text: `
with due as materialized (
  select inbox_id from inbox_due where provider = $1 and due_at <= $2
  order by due_at limit $4 for update skip locked
),
${CLAIM}`,
};

/** What no loop claims: of other providers than $1. $2 due before, $3 end of the lease, $4 how many of each. */
export const CLAIM_STRAYS: Statement = {
  name: 'claim_stray_deliveries',
  text: `
with recursive providers as (
  select min(provider) as provider from inbox_due where due_at is not null
  union all
  select (select min(d.provider) from inbox_due d where d.provider > p.provider and d.due_at is not null)
  from providers p where p.provider is not null
),
due as materialized (
  select d.inbox_id from providers p cross join lateral (
    select inbox_id from inbox_due where provider = p.provider and due_at <= $2
    order by due_at limit $4 for update skip locked
  ) d
  where p.provider <> all ($1::text[])
),
${CLAIM}`,
};

/**
 * $1 ids, $2 results, $3 details; $4 ids and $5 the payments they spoke of; $6 now; $7 events that a replay wrote.
 * Who finds the row gone was not the first to finish. The exception that was open on a delivery closes with it.
 */
export const FINISH_DELIVERIES: Statement = {
  name: 'finish_deliveries',
  text: `
with done as materialized (
  select * from unnest($1::uuid[], $2::text[], $3::text[], $7::text[]) as done (id, result, detail, events)
),
gone as (
  delete from inbox_due d using done where d.inbox_id = done.id and d.inbox_id = any (array(select id from done))
  returning d.inbox_id, d.replay_id, d.exception_id, done.result, done.events
),
on_record as (
  insert into inbox_replay_results (replay_id, inbox_id, result, events, finished_at)
  select replay_id, inbox_id, result, events::json, $6 from gone where replay_id is not null
  on conflict do nothing
),
explained as (
  update exceptions x set status = 'closed'
  where x.id = any (array(select exception_id from gone where exception_id is not null))
),
named as (
  insert into inbox_payments (inbox_id, payment_id) select * from unnest($4::uuid[], $5::uuid[])
  on conflict do nothing
)
update inbox i set result = done.result, result_detail = done.detail::json, processed_at = $6
from done where i.id = done.id and i.id = any (array(select id from done))`,
};

/**
 * $1 id, $2 state, $3 due (null: not by itself), $4 why, $5 the claim's fence: who lost the lease says nothing.
 * `nothing-vanishes`: what is set aside is an exception, $6 by its id, $7 its type, $8 about what, $9 now; one that is
 * open from before stays. What a replay handed out has its result with that: $10 which.
 */
export const DEFER_DELIVERY: Statement = {
  name: 'defer_delivery',
  text: `
with mine as materialized (
  select inbox_id, replay_id, exception_id from inbox_due where inbox_id = $1 and fence = $5 for update
),
raised as (
  insert into exceptions (id, inbox_id, type, subject, opened_at)
  select $6, inbox_id, $7, $8, $9 from mine where $2 = 'set_aside' and exception_id is null
),
on_record as (
  insert into inbox_replay_results (replay_id, inbox_id, result, why, events, finished_at)
  select replay_id, inbox_id, $10, $4, '[]', $9 from mine where replay_id is not null
  on conflict do nothing
)
update inbox_due d set state = $2, due_at = $3, why = $4, replay_id = null,
  exception_id = case when $2 = 'set_aside' then coalesce(mine.exception_id, $6) else mine.exception_id end
from mine where d.inbox_id = mine.inbox_id
returning mine.exception_id is null and $2 = 'set_aside' as raised`,
};

/** The payment that a provider's reference belongs to. $1 provider, $2 account, $3 reference. */
export const PAYMENT_OF_REFERENCE: Statement = {
  name: 'payment_of_reference',
  text: `select payment_id, subject from provider_references
    where provider = $1 and account = $2 and reference = $3`,
};

export type InboxDepth = { provider: string; state: string; count: number; oldest_seconds: number };

/** $1 now. */
export const INBOX_DEPTH: Statement = {
  name: 'inbox_depth',
  text: `select provider, state, count(*)::int as count,
      coalesce(extract(epoch from $1::timestamptz - min(received_at)), 0)::float as oldest_seconds
    from inbox_due group by provider, state`,
};

/** $1 id, $2 provider, $3 account, $4 reason, $5 now, $6 headers, $7 bytes, $8 digest, $9 shape, $10 how many are kept. */
export const KEEP_REFUSED: Statement = {
  name: 'keep_refused',
  text: `
with old as (
  delete from inbox_refused where id in (select id from inbox_refused order by id desc offset $10::int - 1)
)
insert into inbox_refused (id, provider, account, reason, received_at, headers, body_bytes, body_sha256, body_shape)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
};

export type InboxRow = {
  id: string;
  provider: string;
  account: string;
  event_id: string;
  received_at: string;
  repeats: number;
  result: 'applied' | 'ignored' | null;
  result_detail: string | null;
  processed_at: string | null;
  state: 'received' | 'parked' | 'set_aside' | null;
  due_at: string | null;
  tries: number | null;
  why: string | null;
};

/**
 * $1 ids, $2 payment, $3 provider, $4 and $5 the range of ids, $6 state. An id tells when its delivery came, so a
 * window of time is a range of ids, and reads no more than it must.
 */
export const SELECTED = `
  from inbox i left join inbox_due d on d.inbox_id = i.id
  where i.id >= $4 and i.id <= $5
    and ($1::uuid[] is null or i.id = any ($1))
    and ($2::uuid is null or exists (select from inbox_payments p where p.payment_id = $2 and p.inbox_id = i.id))
    and ($3::text is null or i.provider = $3)
    and ($6::text is null or coalesce(d.state, i.result) = $6)`;

/** What is selected (see above); $7 after this id, $8 how many. Oldest first. */
export const LIST_INBOX: Statement = {
  name: 'list_inbox',
  text: `select i.id, i.provider, i.account, i.event_id, i.received_at, i.repeats, i.result, i.result_detail,
      i.processed_at, d.state, d.due_at, d.tries, d.why ${SELECTED}
      and ($7::uuid is null or i.id > $7) order by i.id limit $8`,
};

/** What is selected; $7 how many are counted at most. */
export const COUNT_INBOX: Statement = {
  name: 'count_inbox',
  text: `select count(*)::int as count from (select ${SELECTED} limit $7) selected`,
};

export type StoredDelivery = Pick<DueDelivery, 'id' | 'provider' | 'account' | 'body' | 'received_at'>;

/** $1 ids. */
export const READ_INBOX: Statement = {
  name: 'read_inbox',
  text: `select id, provider, account, body, received_at from inbox where id = any ($1) order by id`,
};

/** $1 id. */
export const PAYMENTS_OF_DELIVERY: Statement = {
  name: 'payments_of_delivery',
  text: 'select payment_id from inbox_payments where inbox_id = $1 order by payment_id',
};

export type ToldRow = Pick<DueDelivery, 'id' | 'provider' | 'account' | 'received_at'> & {
  event_id: string;
  state: string | null;
};

/** $1 payment, $2 how many, oldest first. */
export const DELIVERIES_OF_PAYMENT: Statement = {
  name: 'deliveries_of_payment',
  text: `select i.id, i.provider, i.account, i.event_id, i.received_at, coalesce(d.state, i.result) as state
    from inbox_payments p join inbox i on i.id = p.inbox_id left join inbox_due d on d.inbox_id = i.id
    where p.payment_id = $1 order by i.id limit $2`,
};

/** $1 received before, $2 how many. What is not done stays, however old it is. */
export const FORGET_DELIVERIES: Statement = {
  name: 'forget_deliveries',
  text: `
with old as materialized (
  select id from inbox where id < uuid_of_time($1) and processed_at is not null
    and not exists (select from inbox_due d where d.inbox_id = id)
  order by id limit $2 for update skip locked
),
names as (delete from inbox_payments p using old where p.inbox_id = old.id)
delete from inbox i using old where i.id = old.id`,
};
