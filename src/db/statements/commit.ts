/**
 * The commit statement: the one text that writes money state, for a group of items, each all or nothing.
 *
 * Shape: a gate that only locks, then exactly one gate that writes, then everything else from `ok`. Two gates
 * with `on conflict` left orphans in an experiment; locks out of order gave 25 deadlocks in 12 s; without
 * `skip locked` one row locked elsewhere made the whole group wait 1.5 s.
 *
 * Parameters are lists of records, each an array of a composite type, `n` being the item's place in the group.
 * Measured against JSON lists, parsing those was a third of the statement's time; against an array for each
 * column, see `db/records.ts`.
 *
 * `= any (array(…))` beside a join tells which rows of a table are wanted, whichever way it is joined: plans
 * are made while the tables are empty and are kept, and a hash over a whole table is cheap only then.
 */

import type { Statement } from '../pool.ts';
import type { Columns } from '../records.ts';

/** The lists and the columns of their types, in the order of the parameters and of the types. */
export const LISTS = {
  items: {
    n: 'int4',
    payment: 'uuid',
    merchant: 'uuid',
    mode: 'text',
    /** Version before, 0 for a new payment; null where only a key is written. */
    expected: 'int4',
    version: 'int4',
    reference: 'text',
    currency: 'text',
    status: 'text',
    amount: 'int8',
    authorized: 'int8',
    captured: 'int8',
    capture_pending: 'int8',
    refunded: 'int8',
    refund_pending: 'int8',
    reversed: 'int8',
    disputed: 'int8',
    captured_beyond: 'int8',
    refunded_beyond: 'int8',
    state: 'json',
    head: 'bytea',
    now: 'timestamptz',
    key: 'text',
    reserve: 'bool',
    fingerprint: 'text',
    ids: 'json',
    answer_status: 'int2',
    answer: 'json',
  },
  events: {
    n: 'int4',
    version: 'int4',
    id: 'uuid',
    type: 'text',
    data: 'json',
    provider_at: 'timestamptz',
    received_at: 'timestamptz',
    correlation: 'text',
    commitment: 'bytea',
    hash: 'bytea',
  },
  privates: { n: 'int4', version: 'int4', salt: 'bytea', data: 'json' },
  journals: {
    n: 'int4',
    event: 'uuid',
    rule: 'text',
    rule_version: 'int2',
    accounts: 'text[]',
    amounts: 'int8[]',
  },
  scheduled: { n: 'int4', subject: 'uuid', kind: 'text', due_at: 'timestamptz' },
  unscheduled: { n: 'int4', subject: 'uuid', kind: 'text' },
  resources: { n: 'int4', id: 'uuid', kind: 'text' },
  references: { n: 'int4', provider: 'text', account: 'text', reference: 'text', subject: 'text' },
  exceptions: {
    n: 'int4',
    id: 'uuid',
    type: 'text',
    subject: 'text',
    expected: 'int8',
    actual: 'int8',
    status: 'text',
  },
  /** Exceptions that a later fact has explained. */
  withdrawn: { n: 'int4', id: 'uuid' },
} as const satisfies Record<string, Columns>;

/** The composite type of each list. */
const TYPES: Record<ListName, string> = {
  items: 'commit_item',
  events: 'commit_event',
  privates: 'commit_private',
  journals: 'commit_journal',
  scheduled: 'commit_scheduled',
  unscheduled: 'commit_unscheduled',
  resources: 'commit_resource',
  references: 'commit_account_reference',
  exceptions: 'commit_exception',
  withdrawn: 'commit_withdrawn',
};

/** The types' object ids, which differ from database to database: they go with every array of records. */
export const TYPE_IDS: Statement = {
  name: 'commit_type_ids',
  text: `select ${Object.entries(TYPES)
    .map(([list, type]) => `'${type}'::regtype::oid::int8 as "${list}"`)
    .join(', ')}`,
};

export type ListName = keyof typeof LISTS;
export const LIST_NAMES = Object.keys(LISTS) as ListName[];

/** What a group may need beside its items: kinds of items, and the lists. */
export const PARTS = [
  'created',
  'changed',
  'key_only',
  'reserved',
  'answered',
  ...LIST_NAMES.filter((name) => name !== 'items'),
] as const;
export type Part = (typeof PARTS)[number];

/** The lists that are parameters of the statement with these parts, in order. */
export function listsOf(parts: ReadonlySet<Part>): ListName[] {
  return LIST_NAMES.filter((name) => name === 'items' || parts.has(name));
}

/**
 * The statement without the parts that have nothing to do: starting them all takes longer than a single
 * payment's rows. The name tells the parts.
 */
export function commitStatement(parts: ReadonlySet<Part>): Statement {
  const steps = stepsOf(parts);
  const bits = PARTS.reduce((sum, part, i) => sum + (parts.has(part) ? 2 ** i : 0), 0);
  const name = parts.size === PARTS.length ? 'commit' : `commit_${bits.toString(36)}`;
  return { name, text: `with ${steps.join(',\n')}\nselect n from ok` };
}

function stepsOf(parts: ReadonlySet<Part>): string[] {
  const given = sources(parts);
  return [
    `item as materialized (select * from ${given.items} item)`,
    ...(parts.has('changed') ? [LOCKED] : []),
    gate(parts),
    ...(parts.has('reserved') ? [KEYED] : []),
    ok(parts),
    ...PARTS.flatMap((part) => (parts.has(part) ? writes(part, given) : [])),
  ];
}

/** Each list as a source of rows: the next parameter. */
function sources(parts: ReadonlySet<Part>): Record<ListName, string> {
  const entries = listsOf(parts).map((list, i) => [list, `unnest($${i + 1}::${TYPES[list]}[])`] as const);
  return Object.fromEntries(entries) as Record<ListName, string>;
}

/** Gate 1 only locks: existing streams at the expected version, in one order, never waiting. */
const LOCKED = `locked as materialized (
  select item.n from item join payments p on p.id = item.payment
  where item.expected > 0 and p.version = item.expected
    and p.id = any (array(select payment from item where expected > 0))
  order by p.id for no key update of p skip locked
)`;

function gate(parts: ReadonlySet<Part>): string {
  const ways = [
    ...(parts.has('changed') ? ['select n from locked'] : []),
    ...(parts.has('created')
      ? [
          `select n from item where expected = 0 and not exists (select from payments p where p.id = item.payment
    and p.id = any (array(select payment from item where expected = 0)))`,
        ]
      : []),
    ...(parts.has('key_only') ? ['select n from item where expected is null'] : []),
  ];
  return `gate as materialized (\n  ${ways.join('\n  union all\n  ')}\n)`;
}

/** Gate 2 is the only gate that writes: the reservation of the idempotency key. */
const KEYED = `keyed as (
  insert into idempotency_keys (merchant_id, mode, key, fingerprint, payment_id, ids, answer_status, answer,
    created_at, completed_at)
  select merchant, mode, key, fingerprint, payment, ids, answer_status, answer, now,
    case when answer_status is not null then now end
  from item join gate using (n) where reserve order by merchant, mode, key
  on conflict do nothing
  returning merchant_id, mode, key
)`;

function ok(parts: ReadonlySet<Part>): string {
  const reserved = `where not reserve or exists (select from keyed k
    where k.merchant_id = merchant and k.mode = item.mode and k.key = item.key)`;
  return `ok as materialized (
  select item.* from item join gate using (n) ${parts.has('reserved') ? reserved : ''}
)`;
}

function writes(part: Part, given: Record<ListName, string>): string[] {
  switch (part) {
    case 'key_only':
    case 'reserved':
      return []; // Done by the gates.
    case 'answered':
      return [ANSWERED];
    case 'created':
      return [CREATED];
    case 'changed':
      return [CHANGED];
    default:
      return [LIST_WRITES[part](given[part])];
  }
}

const ANSWERED = `answered as (
  update idempotency_keys k set answer_status = ok.answer_status, answer = ok.answer, completed_at = ok.now
  from ok where ok.key is not null and not ok.reserve
    and k.merchant_id = ok.merchant and k.mode = ok.mode and k.key = ok.key and k.answer is null
    and k.merchant_id = any (array(select merchant from ok)) and k.mode in ('test', 'live')
    and k.key = any (array(select key from ok where not reserve))
)`;

const CREATED = `created as (
  insert into payments (id, merchant_id, mode, reference, currency, version, status, amount, amount_authorized,
    amount_captured, amount_capture_pending, amount_refunded, amount_refund_pending, amount_reversed,
    amount_disputed, captured_beyond, refunded_beyond, state, head, created_at, updated_at)
  select payment, merchant, mode, reference, currency, version, status, amount, authorized, captured,
    capture_pending, refunded, refund_pending, reversed, disputed, captured_beyond, refunded_beyond, state,
    head, now, now
  from ok where expected = 0
)`;

const CHANGED = `changed as (
  update payments p set version = ok.version, status = ok.status, amount_authorized = authorized,
    amount_captured = captured, amount_capture_pending = capture_pending, amount_refunded = refunded,
    amount_refund_pending = refund_pending, amount_reversed = reversed, amount_disputed = disputed,
    captured_beyond = ok.captured_beyond, refunded_beyond = ok.refunded_beyond, state = ok.state,
    head = ok.head, updated_at = now
  from ok where expected > 0 and p.id = ok.payment
    and p.id = any (array(select payment from ok where expected > 0))
)`;

const LIST_WRITES: Record<Exclude<ListName, 'items'>, (given: string) => string> = {
  events: (given) => `happened as (
  insert into events (payment_id, version, id, merchant_id, type, data, provider_at, received_at, recorded_at,
    correlation, commitment, hash)
  select ok.payment, e.version, e.id, ok.merchant, e.type, e.data, e.provider_at, e.received_at, ok.now,
    e.correlation, e.commitment, e.hash
  from ${given} e join ok using (n) order by e.n, e.version
)`,
  privates: (given) => `kept_apart as (
  insert into event_private (payment_id, version, merchant_id, salt, data)
  select ok.payment, e.version, ok.merchant, e.salt, e.data from ${given} e join ok using (n)
)`,
  journals: (given) => `posted as (
  insert into journals (payment_id, event_id, currency, merchant_id, mode, rule, rule_version, accounts, amounts,
    recorded_at)
  select ok.payment, j.event, ok.currency, ok.merchant, ok.mode, j.rule, j.rule_version, j.accounts,
    j.amounts, ok.now
  from ${given} j join ok using (n)
)`,
  scheduled: (given) => `scheduled as (
  insert into schedule (subject, kind, merchant_id, payment_id, due_at, created_at)
  select s.subject, s.kind, ok.merchant, ok.payment, s.due_at, ok.now from ${given} s join ok using (n)
  on conflict (subject, kind) do update set due_at = excluded.due_at
)`,
  unscheduled: (given) => `gone as materialized (select s.subject, s.kind from ${given} s join ok using (n)),
unscheduled as (
  delete from schedule s using gone
  where s.subject = gone.subject and s.kind = gone.kind and s.subject = any (array(select subject from gone))
)`,
  resources: (given) => `named as (
  insert into resources (id, merchant_id, payment_id, kind)
  select r.id, ok.merchant, ok.payment, r.kind from ${given} r join ok using (n)
)`,
  references: (given) => `referenced as (
  insert into provider_references (provider, account, reference, merchant_id, payment_id, subject)
  select r.provider, r.account, r.reference, ok.merchant, ok.payment, r.subject
  from ${given} r join ok using (n)
)`,
  exceptions: (given) => `raised as (
  insert into exceptions (id, merchant_id, payment_id, type, status, subject, expected, actual, opened_at)
  select x.id, ok.merchant, ok.payment, x.type, x.status, x.subject, x.expected, x.actual, ok.now
  from ${given} x join ok using (n)
)`,
  withdrawn: (given) => `explained as materialized (select w.id from ${given} w join ok using (n)),
withdrawn as (
  update exceptions x set status = 'closed' from explained
  where x.id = explained.id and x.id = any (array(select id from explained))
)`,
};

/** With every part: does for any group. */
export const ALL_PARTS: ReadonlySet<Part> = new Set(PARTS);
export const COMMIT: Statement = commitStatement(ALL_PARTS);
