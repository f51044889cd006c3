/**
 * Reading the whole database to judge it. Every statement reads a bounded piece: of a range of payment ids, or
 * of a walk in the order of a primary key.
 *
 * What looks up a row for each row of a piece is a scalar subquery: planned without knowing the parameters, a
 * join would become a hash of the whole table, each time.
 */

import type { Statement } from '../pool.ts';
import type { EventRow, JournalRow } from './payments.ts';

export type VerifiedPayment = {
  id: string;
  merchant_id: string;
  mode: 'test' | 'live';
  reference: string | null;
  currency: string;
  version: number;
  status: string;
  amount: number;
  amount_authorized: number;
  amount_captured: number;
  amount_capture_pending: number;
  amount_refunded: number;
  amount_refund_pending: number;
  amount_reversed: number;
  amount_disputed: number;
  captured_beyond: number;
  refunded_beyond: number;
  state: string;
  head: Buffer;
  created_at: string;
  updated_at: string;
};

/** Payments after $1, up to and with $2. */
export const PAYMENTS_IN_RANGE: Statement = {
  name: 'verify_payments',
  text: `select id, merchant_id, mode, reference, currency, version, status, amount, amount_authorized,
      amount_captured, amount_capture_pending, amount_refunded, amount_refund_pending, amount_reversed,
      amount_disputed, captured_beyond, refunded_beyond, state, head, created_at, updated_at
    from payments where id > $1 and id <= $2 order by id limit $3`,
};

export type VerifiedEvent = Omit<EventRow, 'private' | 'salt'> & { merchant_id: string };

export const EVENTS_IN_RANGE: Statement = {
  name: 'verify_events',
  text: `select payment_id, version, id, merchant_id, type, data, provider_at, received_at, recorded_at, correlation,
      commitment, hash
    from events where payment_id > $1 and payment_id <= $2 order by payment_id, version limit $3`,
};

export type PrivateRow = {
  payment_id: string;
  version: number;
  merchant_id: string;
  salt: Buffer;
  data: string;
};

export const PRIVATES_IN_RANGE: Statement = {
  name: 'verify_privates',
  text: `select payment_id, version, merchant_id, salt, data
    from event_private where payment_id > $1 and payment_id <= $2 order by payment_id, version limit $3`,
};

export type VerifiedJournal = JournalRow & { merchant_id: string; mode: string };

export const JOURNALS_IN_RANGE: Statement = {
  name: 'verify_journals',
  text: `select payment_id, event_id, currency, merchant_id, mode, rule, rule_version, accounts, amounts, recorded_at
    from journals where payment_id > $1 and payment_id <= $2 order by payment_id, event_id, currency limit $3`,
};

export type VerifiedTimer = { payment_id: string; subject: string; kind: string; merchant_id: string };

export const TIMERS_IN_RANGE: Statement = {
  name: 'verify_timers',
  text: `select payment_id, subject, kind, merchant_id
    from schedule where payment_id > $1 and payment_id <= $2 order by payment_id, subject, kind limit $3`,
};

export type VerifiedException = {
  payment_id: string;
  id: string;
  merchant_id: string;
  type: string;
  status: string;
  subject: string;
  expected: number | null;
  actual: number | null;
  opened_at: string;
};

export const EXCEPTIONS_IN_RANGE: Statement = {
  name: 'verify_exceptions',
  text: `select payment_id, id, merchant_id, type, status, subject, expected, actual, opened_at
    from exceptions where payment_id > $1 and payment_id <= $2 order by payment_id, id limit $3`,
};

export type ResourceRow = { id: string; kind: string; payment_id: string; merchant_id: string };

export const RESOURCES_BY_ID: Statement = {
  name: 'verify_resources_by_id',
  text: 'select id, kind, payment_id, merchant_id from resources where id = any ($1::uuid[])',
};

export type ReferenceRow = {
  provider: string;
  account: string;
  reference: string;
  payment_id: string;
  merchant_id: string;
  subject: string;
};

/** $1 providers, $2 accounts and $3 references, by place. */
export const REFERENCES_BY_NAME: Statement = {
  name: 'verify_references_by_name',
  text: `select r.provider, r.account, r.reference, r.payment_id, r.merchant_id, r.subject
    from unnest($1::text[], $2::text[], $3::text[]) as named (provider, account, reference)
    join provider_references r using (provider, account, reference)`,
};

/** Resources after the id $1. */
export const RESOURCES_AFTER: Statement = {
  name: 'verify_resources_after',
  text: 'select id, kind, payment_id, merchant_id from resources where id > $1 order by id limit $2',
};

/** Of $1 payments and $2 names, pairwise, the places of those whose payment does not know the name. */
export const UNKNOWN_TO_PAYMENT: Statement = {
  name: 'verify_unknown_to_payment',
  text: `select named.n::int as n
    from unnest($1::uuid[], $2::text[]) with ordinality as named (payment, name, n)
    where coalesce((select strpos(p.state::text, named.name) from payments p where p.id = named.payment), 0) = 0
    order by n`,
};

/** References after ($1, $2, $3). */
export const REFERENCES_AFTER: Statement = {
  name: 'verify_references_after',
  text: `select provider, account, reference, payment_id, merchant_id, subject from provider_references
    where (provider, account, reference) > ($1, $2, $3) order by provider, account, reference limit $4`,
};

export type KeyOwnerRow = {
  merchant_id: string;
  mode: string;
  key: string;
  payment_id: string | null;
  known: boolean;
};

/** Idempotency keys after ($1, $2, $3), and whether the payment that each names exists. */
export const KEYS_AFTER: Statement = {
  name: 'verify_keys_after',
  text: `select k.merchant_id, k.mode, k.key, k.payment_id,
      (k.payment_id is null or coalesce((select true from payments p where p.id = k.payment_id), false)) as known
    from idempotency_keys k where (k.merchant_id, k.mode, k.key) > ($1::uuid, $2, $3)
    order by k.merchant_id, k.mode, k.key limit $4`,
};

export type HorizonRow = { horizon: string; latest_recorded_at: string };

/** The balance checkpoint after the horizon $1. */
export const NEXT_CHECKPOINT: Statement = {
  name: 'verify_next_checkpoint',
  text: `select horizon::text, latest_recorded_at from balance_horizons
    where horizon > $1::xid8 order by balance_horizons.horizon limit 1`,
};

export type CheckpointRow = {
  merchant_id: string;
  mode: string;
  account: string;
  currency: string;
  debits: string;
  credits: string;
};

/** By how much checkpoint $2 differs from checkpoint $1 and the journals between the two. */
export const CHECKPOINT_DIFFERENCES: Statement = {
  name: 'verify_checkpoint_differences',
  text: `select merchant_id, mode, account, currency, sum(debits)::text as debits, sum(credits)::text as credits
    from (
      select merchant_id, mode, account, currency, debits, credits from balance_checkpoints where horizon = $2::xid8
      union all
      select merchant_id, mode, account, currency, -debits, -credits from balance_checkpoints where horizon = $1::xid8
      union all
      select j.merchant_id, j.mode, l.account, j.currency, -greatest(l.amount, 0), -greatest(-l.amount, 0)
      from journals j, unnest(j.accounts, j.amounts) as l (account, amount)
      where j.xid >= $1::xid8 and j.xid < $2::xid8
    ) line
    group by merchant_id, mode, account, currency
    having sum(debits) <> 0 or sum(credits) <> 0
    order by merchant_id, mode, account, currency limit $3`,
};

/** Whether a journal between the horizons $1 and $2 was recorded after $3, the time that the checkpoint serves from. */
export const RECORDED_AFTER_CHECKPOINT: Statement = {
  name: 'verify_recorded_after_checkpoint',
  text: `select payment_id, event_id from journals
    where xid >= $1::xid8 and xid < $2::xid8 and recorded_at > $3 limit 1`,
};

/** How many payments there are, roughly; −1 when PostgreSQL has not counted yet. */
export const PAYMENTS_ESTIMATE: Statement = {
  name: 'verify_payments_estimate',
  text: `select reltuples::float8 as count from pg_class where oid = 'payments'::regclass`,
};

export type UnseenRow = { inbox_id: string; what: 'without' | 'for_nothing' };

/** Deliveries that are set aside and have no open exception, and open exceptions of deliveries that are done. */
export const UNSEEN_DELIVERIES: Statement = {
  name: 'verify_unseen_deliveries',
  text: `
(select d.inbox_id, 'without' as what from inbox_due d
  where d.state = 'set_aside' and not exists (select from exceptions x
    where x.id = d.exception_id and x.inbox_id = d.inbox_id and x.status = 'open') limit $1)
union all
(select x.inbox_id, 'for_nothing' from exceptions x
  where x.inbox_id is not null and x.status = 'open' and not exists (select from inbox_due d
    where d.inbox_id = x.inbox_id and d.exception_id = x.id) limit $1)`,
};
