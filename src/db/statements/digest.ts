/** The heads of streams: gathered for the digest kept outside the database, and compared with it. */

import type { Statement } from '../pool.ts';

export type EdgeRow = { system: string; horizon: string };

/**
 * Every transaction below the horizon is over, so nothing can be added below it any more. The identifier is the
 * cluster's: a dump that was restored elsewhere has another, and its transaction ids start anew.
 */
export const EDGE: Statement = {
  name: 'digest_edge',
  text: `select system_identifier::text as system, pg_snapshot_xmin(pg_current_snapshot())::text as horizon
    from pg_control_system()`,
};

export type HeadRow = { payment: string; version: number; hash: Buffer };

/** Heads of the streams after the payment $1. */
export const HEADS_BY_PAYMENT: Statement = {
  name: 'digest_heads_by_payment',
  text: 'select id as payment, version, head as hash from payments where id > $1 order by id limit $2',
};

export type HeadEventRow = HeadRow & { xid: string; position: number };

/** Events after the place ($1, $2) and below the horizon $3. Ordered by the column: `xid` alone would be the text. */
export const HEADS_BY_EVENT: Statement = {
  name: 'digest_heads_by_event',
  text: `select payment_id as payment, version, hash, xid::text, position from events
    where (xid, position) > ($1::xid8, $2::bigint) and events.xid < $3::xid8
    order by events.xid, events.position limit $4`,
};

/** The hash of each event ($1 payment, $2 version), in the order asked; null where there is none. */
export const HASHES: Statement = {
  name: 'digest_hashes',
  text: `select (select e.hash from events e where e.payment_id = head.payment and e.version = head.version) as hash
    from unnest($1::uuid[], $2::int[]) with ordinality as head (payment, version, n) order by n`,
};

/** The latest version of each stream, in the order asked; 0 where it has no event. */
export const LATEST_VERSIONS: Statement = {
  name: 'digest_latest_versions',
  text: `select coalesce((select max(e.version) from events e where e.payment_id = stream.payment), 0) as version
    from unnest($1::uuid[]) with ordinality as stream (payment, n) order by n`,
};

export type LatestRow = { payment: string; version: number };

/** Streams with events after the place ($1, $2), up to and with ($3, $4). */
export const STREAMS_BETWEEN_PLACES: Statement = {
  name: 'digest_streams_between_places',
  text: `select payment_id as payment, max(version) as version from events
    where (xid, position) > ($1::xid8, $2::bigint) and (xid, position) <= ($3::xid8, $4::bigint)
    group by payment_id order by payment_id limit $5`,
};

/** Streams of the payments after $1, up to and with $2, as they were at the horizon $3. */
export const STREAMS_BETWEEN_PAYMENTS: Statement = {
  name: 'digest_streams_between_payments',
  text: `select payment_id as payment, max(version) as version from events
    where payment_id > $1 and payment_id <= $2 and xid < $3::xid8
    group by payment_id order by payment_id limit $4`,
};

/** Events after the place ($1, $2), counted up to $3. */
export const EVENTS_SINCE: Statement = {
  name: 'digest_events_since',
  text: `select count(*)::int as count from
    (select 1 from events where (xid, position) > ($1::xid8, $2::bigint) limit $3) event`,
};
