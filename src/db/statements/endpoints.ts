/** Endpoints of merchants and the log of what was sent to them, as the API reads and changes them. */

import type { Statement } from '../pool.ts';

export type EndpointRow = {
  id: string;
  mode: 'test' | 'live';
  url: string;
  events: string[];
  ordered: boolean;
  description: string | null;
  status: 'enabled' | 'disabled';
  disabled_reason: 'requested' | 'failing' | null;
  previous_until: string | null;
  failing_since: string | null;
  created_at: string;
  updated_at: string;
};

const COLUMNS = `id, mode, url, events, ordered, description, status, disabled_reason, previous_until, failing_since,
  created_at, updated_at`;

/** No row when the merchant has $9 of them already. */
export const INSERT_ENDPOINT: Statement = {
  name: 'endpoints_insert',
  text: `insert into webhook_endpoints (id, merchant_id, mode, url, events, ordered, description, status, secret,
      created_at, updated_at)
    select $1, $2, $3, $4, $5, $6, $7, 'enabled', $8, $10, $10
    where (select count(*) from webhook_endpoints where merchant_id = $2 and mode = $3 and deleted_at is null) < $9
    returning ${COLUMNS}`,
};

export const LOAD_ENDPOINT: Statement = {
  name: 'endpoints_load',
  text: `select ${COLUMNS} from webhook_endpoints
    where id = $1 and merchant_id = $2 and mode = $3 and deleted_at is null`,
};

export const LIST_ENDPOINTS: Statement = {
  name: 'endpoints_list',
  text: `select ${COLUMNS} from webhook_endpoints
    where merchant_id = $1 and mode = $2 and deleted_at is null and ($3::uuid is null or id < $3)
    order by id desc limit $4`,
};

/** What is null stays as it is; $8 says whether the description is set. Enabling forgets the failures of before. */
export const UPDATE_ENDPOINT: Statement = {
  name: 'endpoints_update',
  text: `update webhook_endpoints set url = coalesce($4, url), events = coalesce($5, events),
      ordered = coalesce($6, ordered), description = case when $8::boolean then $7 else description end,
      status = coalesce($9, status),
      disabled_reason = case $9 when 'enabled' then null
        when 'disabled' then coalesce(disabled_reason, 'requested') else disabled_reason end,
      failing_since = case when $9 = 'enabled' and status = 'disabled' then null else failing_since end,
      updated_at = $10
    where id = $1 and merchant_id = $2 and mode = $3 and deleted_at is null
    returning ${COLUMNS}`,
};

/** The secret goes at once; the deliveries go with their age. */
export const DELETE_ENDPOINT: Statement = {
  name: 'endpoints_delete',
  text: `update webhook_endpoints set deleted_at = $4, secret = '', previous_secret = null, previous_until = null
    where id = $1 and merchant_id = $2 and mode = $3 and deleted_at is null returning id`,
};

/** $4 the new secret; the one of before goes on signing until $5. */
export const ROTATE_SECRET: Statement = {
  name: 'endpoints_rotate_secret',
  text: `update webhook_endpoints set previous_secret = secret, previous_until = $5, secret = $4, updated_at = $6
    where id = $1 and merchant_id = $2 and mode = $3 and deleted_at is null
    returning ${COLUMNS}`,
};

export type DeliveryRow = {
  id: string;
  endpoint_id: string;
  event_id: string;
  payment_id: string | null;
  sequence: number;
  type: string;
  status: 'pending' | 'succeeded' | 'failed';
  due_at: string;
  attempts: number;
  created_at: string;
  /** JSON list, newest first. */
  log: string;
};

const DELIVERY = `d.id, d.endpoint_id, d.event_id, d.payment_id, d.sequence, d.type, d.status, d.due_at, d.attempts,
  d.created_at`;

export const INSERT_TEST_DELIVERY: Statement = {
  name: 'endpoints_insert_test',
  text: `insert into deliveries as d (endpoint_id, merchant_id, event_id, payment_id, sequence, type, status, due_at,
      begun_at, created_at)
    values ($1, $2, $3, null, 0, 'endpoint.test', 'pending', $4, $4, $4)
    returning ${DELIVERY}, '[]'::json as log`,
};

/** Newest first. $4 how many attempts of each. */
export const LIST_DELIVERIES: Statement = {
  name: 'endpoints_list_deliveries',
  text: `select ${DELIVERY}, (
      select coalesce(json_agg(json_build_object('number', a.number, 'url', a.url, 'attempted_at', a.attempted_at,
        'duration_ms', a.duration_ms, 'http_status', a.http_status, 'response', a.response, 'error', a.error)
        order by a.number desc), '[]')
      from (select * from delivery_attempts where delivery_id = d.id order by number desc limit $4) a) as log
    from deliveries d
    where d.endpoint_id = $1 and ($2::uuid is null or d.id < $2) and ($3::text is null or d.status = $3)
    order by d.id desc limit $5`,
};

/** One delivery ($2), or those made from $3 on and before $4, of the status $5; after the id $6; $7 now, $8 at most. */
export const REDELIVER: Statement = {
  name: 'endpoints_redeliver',
  text: `update deliveries set status = 'pending', due_at = $7, begun_at = $7, tries = 0
    where id in (select id from deliveries where endpoint_id = $1
      and ($2::uuid is null or id = $2)
      and ($3::timestamptz is null or created_at >= $3) and ($4::timestamptz is null or created_at < $4)
      and ($5::text is null or status = $5) and ($6::uuid is null or id > $6)
      and (leased_until is null or leased_until <= $7)
      order by id limit $8 for update)
    returning id`,
};

export const RESERVE_KEY: Statement = {
  name: 'endpoints_reserve_key',
  text: `insert into idempotency_keys (merchant_id, mode, key, fingerprint, ids, answer_status, answer, created_at,
      completed_at)
    values ($1, $2, $3, $4, '{}', 200, '{}', $5, $5)
    on conflict do nothing returning key`,
};

export const ANSWER_KEY: Statement = {
  name: 'endpoints_answer_key',
  text: 'update idempotency_keys set answer_status = $4, answer = $5 where merchant_id = $1 and mode = $2 and key = $3',
};
