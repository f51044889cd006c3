/**
 * The commit statement: the one text that writes money state, for a group of items, each all or nothing.
 *
 * Shape: a gate that only locks, then exactly one gate that writes, then everything else from `ok`. Two gates
 * with `on conflict` left orphans in an experiment; locks out of order gave 25 deadlocks in 12 s; without
 * `skip locked` one row locked elsewhere made the whole group wait 1.5 s.
 *
 * Parameters are JSON lists of records, `n` being the item's place in the group: readable here, one
 * `JSON.stringify` there.
 */
export const COMMIT = {
  name: 'commit',
  text: `
with item as materialized (
  select * from json_to_recordset($1::json) as i (
    n int, payment uuid, merchant uuid, mode text, expected int, version int, reference text, currency text,
    status text, amount bigint, authorized bigint, captured bigint, capture_pending bigint, refunded bigint,
    refund_pending bigint, reversed bigint, disputed bigint, captured_beyond bigint, refunded_beyond bigint,
    state json, head text, now timestamptz,
    key text, reserve boolean, fingerprint text, ids json, answer_status smallint, answer json)
),
-- Gate 1 only locks: existing streams at the expected version, in one order, never waiting.
locked as materialized (
  select item.n from item join payments p on p.id = item.payment
  where item.expected > 0 and p.version = item.expected
    and p.id = any (array(select payment from item where expected > 0))
  order by p.id for no key update of p skip locked
),
gate as materialized (
  select n from locked
  union all
  select n from item where expected = 0 and not exists (select from payments p where p.id = item.payment
    and p.id = any (array(select payment from item where expected = 0)))
  union all
  select n from item where expected is null
),
-- Gate 2 is the only gate that writes: the reservation of the idempotency key.
keyed as (
  insert into idempotency_keys (merchant_id, mode, key, fingerprint, payment_id, ids, answer_status, answer,
    created_at, completed_at)
  select merchant, mode, key, fingerprint, payment, ids, answer_status, answer, now,
    case when answer_status is not null then now end
  from item join gate using (n) where reserve order by merchant, mode, key
  on conflict do nothing
  returning merchant_id, mode, key
),
ok as materialized (
  select item.* from item join gate using (n)
  where not reserve
    or exists (select from keyed k where k.merchant_id = merchant and k.mode = item.mode and k.key = item.key)
),
answered as (
  update idempotency_keys k set answer_status = ok.answer_status, answer = ok.answer, completed_at = ok.now
  from ok where ok.key is not null and not ok.reserve
    and k.merchant_id = ok.merchant and k.mode = ok.mode and k.key = ok.key and k.answer is null
    and k.merchant_id = any (array(select distinct merchant from ok)) and k.mode in ('test', 'live')
    and k.key = any (array(select key from ok where not reserve))
),
created as (
  insert into payments (id, merchant_id, mode, reference, currency, version, status, amount, amount_authorized,
    amount_captured, amount_capture_pending, amount_refunded, amount_refund_pending, amount_reversed,
    amount_disputed, captured_beyond, refunded_beyond, state, head, created_at, updated_at)
  select payment, merchant, mode, reference, currency, version, status, amount, authorized, captured,
    capture_pending, refunded, refund_pending, reversed, disputed, captured_beyond, refunded_beyond, state,
    decode(head, 'hex'), now, now
  from ok where expected = 0
),
changed as (
  update payments p set version = ok.version, status = ok.status, amount_authorized = authorized,
    amount_captured = captured, amount_capture_pending = capture_pending, amount_refunded = refunded,
    amount_refund_pending = refund_pending, amount_reversed = reversed, amount_disputed = disputed,
    captured_beyond = ok.captured_beyond, refunded_beyond = ok.refunded_beyond, state = ok.state,
    head = decode(ok.head, 'hex'), updated_at = now
  from ok where expected > 0 and p.id = ok.payment
    and p.id = any (array(select payment from ok where expected > 0))
),
happened as (
  insert into events (payment_id, version, id, merchant_id, type, data, provider_at, received_at, recorded_at,
    correlation, commitment, hash)
  select ok.payment, e.version, e.id, ok.merchant, e.type, e.data, e.provider_at, e.received_at, ok.now,
    e.correlation, decode(e.commitment, 'hex'), decode(e.hash, 'hex')
  from json_to_recordset($2::json) as e (n int, version int, id uuid, type text, data json,
    provider_at timestamptz, received_at timestamptz, correlation text, commitment text, hash text)
  join ok using (n) order by e.n, e.version
),
kept_apart as (
  insert into event_private (payment_id, version, merchant_id, salt, data)
  select ok.payment, e.version, ok.merchant, decode(e.salt, 'hex'), e.data
  from json_to_recordset($3::json) as e (n int, version int, salt text, data json) join ok using (n)
),
posted as (
  insert into journals (payment_id, event_id, currency, merchant_id, mode, rule, rule_version, accounts, amounts,
    recorded_at)
  select ok.payment, j.event, ok.currency, ok.merchant, ok.mode, j.rule, j.rule_version, j.accounts, j.amounts, ok.now
  from json_to_recordset($4::json) as j (n int, event uuid, rule text, rule_version smallint, accounts text[],
    amounts bigint[]) join ok using (n)
),
scheduled as (
  insert into schedule (subject, kind, merchant_id, payment_id, due_at, created_at)
  select s.subject, s.kind, ok.merchant, ok.payment, s.due_at, ok.now
  from json_to_recordset($5::json) as s (n int, subject uuid, kind text, due_at timestamptz) join ok using (n)
  where s.due_at is not null
  on conflict (subject, kind) do update set due_at = excluded.due_at
),
unscheduled as (
  delete from schedule s using (
    select s.subject, s.kind
    from json_to_recordset($5::json) as s (n int, subject uuid, kind text, due_at timestamptz) join ok using (n)
    where s.due_at is null) gone
  where s.subject = gone.subject and s.kind = gone.kind
    and s.subject = any (array(select s.subject from json_to_recordset($5::json) as s (subject uuid)))
),
named as (
  insert into resources (id, merchant_id, payment_id, kind)
  select r.id, ok.merchant, ok.payment, r.kind
  from json_to_recordset($6::json) as r (n int, id uuid, kind text) join ok using (n)
),
referenced as (
  insert into provider_references (provider, reference, merchant_id, payment_id, subject)
  select r.provider, r.reference, ok.merchant, ok.payment, r.subject
  from json_to_recordset($7::json) as r (n int, provider text, reference text, subject text) join ok using (n)
),
raised as (
  insert into exceptions (id, merchant_id, payment_id, type, subject, expected, actual, opened_at)
  select x.id, ok.merchant, ok.payment, x.type, x.subject, x.expected, x.actual, ok.now
  from json_to_recordset($8::json) as x (n int, id uuid, type text, subject text, expected bigint, actual bigint)
  join ok using (n)
)
select n from ok`,
} as const;
