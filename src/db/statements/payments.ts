/** Reading a payment for a decision or an answer. Money is never decided from a replica. */

import type { Statement } from '../pool.ts';

export type PaymentRow = {
  id: string;
  merchant_id: string;
  mode: 'test' | 'live';
  version: number;
  head: Buffer;
  state: string;
  created_at: string;
  updated_at: string;
  reference: string | null;
  /** Private part of the first event: description, metadata, customer. Null once erased. */
  details: string | null;
  /** JSON list of the timers: what will be tried next, and when. */
  timers: string;
};

const COLUMNS = `p.id, p.merchant_id, p.mode, p.version, p.head, p.state, p.created_at, p.updated_at, p.reference,
  d.data as details,
  (select coalesce(json_agg(json_build_object('subject', s.subject, 'kind', s.kind, 'due_at', s.due_at,
    'tries', s.tries, 'last_result', s.last_result, 'created_at', s.created_at)), '[]')
   from schedule s where s.payment_id = p.id) as timers`;

const FROM = `from payments p left join event_private d on d.payment_id = p.id and d.version = 1`;

export const LOAD_PAYMENT: Statement = {
  name: 'load_payment',
  text: `select ${COLUMNS} ${FROM} where p.id = $1`,
};

/** Accounts at providers that have had a payment approved: one look into the index for each, however many payments. */
export const ACCOUNTS_USED: Statement = {
  name: 'accounts_used',
  text: `
with recursive used as (
  (select provider, account from provider_references order by provider, account limit 1)
  union all
  select next.provider, next.account from used cross join lateral (
    select r.provider, r.account from provider_references r
    where (r.provider, r.account) > (used.provider, used.account) order by r.provider, r.account limit 1
  ) next
)
select provider, account from used limit 1000`,
};

export type KeyRow = {
  fingerprint: string;
  payment_id: string | null;
  ids: string;
  answer_status: number | null;
  answer: string | null;
};

const KEY_COLUMNS = 'k.fingerprint, k.payment_id, k.ids, k.answer_status, k.answer';

export const LOAD_KEY: Statement = {
  name: 'load_key',
  text: `select ${KEY_COLUMNS} from idempotency_keys k where k.merchant_id = $1 and k.mode = $2 and k.key = $3`,
};

/** The payment of a merchant, and the row of the request's key if there is one: one round trip. */
export const LOAD_PAYMENT_AND_KEY: Statement = {
  name: 'load_payment_and_key',
  text: `select ${COLUMNS}, ${KEY_COLUMNS} ${FROM}
    left join idempotency_keys k on k.merchant_id = p.merchant_id and k.mode = p.mode and k.key = $4
    where p.id = $1 and p.merchant_id = $2 and p.mode = $3`,
};

/** Newest first; the cursor is the last id of the page before. */
export const LIST_PAYMENTS: Statement = {
  name: 'list_payments',
  text: `select ${COLUMNS} ${FROM}
    where p.merchant_id = $1 and p.mode = $2
      and ($3::uuid is null or p.id < $3)
      and ($4::text is null or p.status = $4)
      and ($5::text is null or p.reference = $5)
      and ($6::text is null or p.currency = $6)
      and ($7::timestamptz is null or p.created_at >= $7)
      and ($8::timestamptz is null or p.created_at < $8)
    order by p.id desc limit $9`,
};

export const LOAD_RESOURCE: Statement = {
  name: 'load_resource',
  text: 'select payment_id from resources where id = $1 and merchant_id = $2 and kind = $3',
};

export const PAYMENT_OF_ATTEMPT: Statement = {
  name: 'payment_of_attempt',
  text: `select payment_id from resources where id = $1 and kind = 'attempt'`,
};

export type EventRow = {
  payment_id: string;
  version: number;
  id: string;
  type: string;
  data: string;
  provider_at: string | null;
  received_at: string | null;
  recorded_at: string;
  correlation: string;
  commitment: Buffer | null;
  hash: Buffer;
  private: string | null;
  salt: Buffer | null;
};

export const EVENTS_OF_PAYMENT: Statement = {
  name: 'events_of_payment',
  text: `select e.payment_id, e.version, e.id, e.type, e.data, e.provider_at, e.received_at, e.recorded_at,
      e.correlation, e.commitment, e.hash, d.data as private, d.salt
    from events e left join event_private d on d.payment_id = e.payment_id and d.version = e.version
    where e.payment_id = $1 and e.version > $2 order by e.version limit $3`,
};

export type JournalRow = {
  payment_id: string;
  event_id: string;
  currency: string;
  rule: string;
  rule_version: number;
  accounts: string[];
  amounts: number[];
  recorded_at: string;
};

export const JOURNALS_OF_PAYMENT: Statement = {
  name: 'journals_of_payment',
  text: `select payment_id, event_id, currency, rule, rule_version, accounts, amounts, recorded_at
    from journals where payment_id = $1 order by recorded_at, event_id`,
};

export type ExceptionRow = {
  id: string;
  /** Null for one that is about a delivery, whose id is then in `inbox_id`. */
  payment_id: string | null;
  inbox_id: string | null;
  type: string;
  status: string;
  subject: string;
  expected: number | null;
  actual: number | null;
  opened_at: string;
};

const EXCEPTION =
  'x.id, x.payment_id, x.inbox_id, x.type, x.status, x.subject, x.expected, x.actual, x.opened_at';

/** Of the merchant $1 in the mode $2; $3 after this id, $4 how many; $5 with those of no merchant. Oldest first. */
export const OPEN_EXCEPTIONS: Statement = {
  name: 'open_exceptions',
  text: `
(select ${EXCEPTION} from exceptions x join payments p on p.id = x.payment_id and p.mode = $2
  where x.merchant_id = $1 and x.status = 'open' and ($3::uuid is null or x.id > $3) order by x.id limit $4)
union all
(select ${EXCEPTION} from exceptions x
  where $5 and x.inbox_id is not null and x.status = 'open' and ($3::uuid is null or x.id > $3)
  order by x.id limit $4)
order by id limit $4`,
};
