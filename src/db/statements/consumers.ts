/** Consumers of the event table: how far each has come, and what is next for it. */

import type { Statement } from '../pool.ts';

/**
 * What every consumer's statement begins with: the `place` of the consumer $1, locked, and the `batch` of at most
 * $2 events after it, oldest first. Only events below every open transaction, so that none comes later between
 * those that were passed. $3 now. No place: there is nothing new, or another worker is at it, or a lease of one
 * runs still; then nothing is locked, which would be a write. (Not `exists`: that reads all that is left, 31 ms
 * for 200,000 events.)
 *
 * The place may be newer than the snapshot that the events are read from: then they end before it, and
 * nothing is done.
 */
export function nextEvents(columns: string): string {
  return `place as materialized (
  select c.xid, c.position from event_consumers c
  where c.name = $1 and c.system_identifier = (select system_identifier from pg_control_system())
    and (c.leased_until is null or c.leased_until <= $3)
    and (select e.position from events e where (e.xid, e.position) > (c.xid, c.position)
      and e.xid < pg_snapshot_xmin(pg_current_snapshot()) order by e.xid, e.position limit 1) is not null
  for update skip locked
),
batch as materialized (
  select e.* from place, lateral (
    select ${columns}, e.xid, e.position from events e
    where (e.xid, e.position) > (place.xid, place.position)
      and e.xid < pg_snapshot_xmin(pg_current_snapshot())
    order by e.xid, e.position limit $2
  ) e
)`;
}

/** The consumer $1 begins anew at the present where this is another database than its place is of. */
export const ADOPTED = `adopted as (
  update event_consumers c set system_identifier = s.system_identifier, xid = pg_snapshot_xmin(pg_current_snapshot()),
    position = 0, leased_until = null, fence = c.fence + 1, tries = 0
  from pg_control_system() s where c.name = $1 and c.system_identifier <> s.system_identifier
  returning c.name
)`;

/** After a restore. A row where that was needed. */
export const ADOPT_CONSUMER: Statement = {
  name: 'consumer_adopt',
  text: `with ${ADOPTED} select name from adopted`,
};

/** The consumer $1, from the first event on, unless it is there already. */
export const REGISTER_CONSUMER: Statement = {
  name: 'consumer_register',
  text: `insert into event_consumers (name, system_identifier, xid, position)
    select $1, system_identifier, '0', 0 from pg_control_system()
    on conflict do nothing`,
};

export type ConsumedRow = {
  /** Of the claim: the same in each row. */
  fence: number;
  tries: number;
  xid: string;
  position: number;
  id: string;
  payment_id: string;
  version: number;
  merchant_id: string;
  mode: 'test' | 'live';
  type: string;
  data: string;
  recorded_at: string;
  correlation: string;
};

/** Takes the next events until $4; of $5 bytes of data, the last of them may go beyond. */
export const CLAIM_EVENTS: Statement = {
  name: 'consumer_claim',
  text: `
with ${nextEvents('id, payment_id, version, merchant_id, type, data, recorded_at, correlation')},
leased as (
  update event_consumers c set leased_until = $4, fence = c.fence + 1 from place
  where c.name = $1 and exists (select from batch)
  returning c.fence, c.tries
),
sized as (
  select *, sum(octet_length(data::text)) over (order by batch.xid, batch.position) as bytes from batch
)
select leased.fence, leased.tries, s.xid::text as xid, s.position, s.id, s.payment_id, s.version, s.merchant_id, p.mode,
  s.type, s.data, s.recorded_at, s.correlation
from leased, sized s join payments p on p.id = s.payment_id
where s.bytes - octet_length(s.data::text) < $5::bigint
order by s.xid, s.position`,
};

/** $1 consumer, $2 fence, $3 and $4 the last event handed on. No row: the lease was lost, and the place is another's. */
export const ADVANCE_CONSUMER: Statement = {
  name: 'consumer_advance',
  text: `update event_consumers set xid = $3, position = $4, leased_until = null, tries = 0
    where name = $1 and fence = $2 returning name`,
};

/** $1 consumer, $2 fence, $3 when the same events are tried again. */
export const DELAY_CONSUMER: Statement = {
  name: 'consumer_delay',
  text: `update event_consumers set leased_until = $3, tries = tries + 1 where name = $1 and fence = $2`,
};

export type ConsumerLag = { name: string; tries: number; lag_seconds: number };

/** Of the consumers $1: failures in a row, and the age ($2 now) of the first event that was not handed on. */
export const CONSUMER_LAG: Statement = {
  name: 'consumer_lag',
  text: `
select c.name, c.tries, coalesce((
  select extract(epoch from $2::timestamptz - e.recorded_at) from events e
  where (e.xid, e.position) > (c.xid, c.position) order by e.xid, e.position limit 1), 0)::float8 as lag_seconds
from event_consumers c where c.name = any ($1)`,
};
