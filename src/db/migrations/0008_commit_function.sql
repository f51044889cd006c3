-- The one writer of money state (src/flow/commit.ts) as one function: a list of records for each table, each
-- list an array of a composite type, `n` being the item's place in its group. Gives the places of the items that
-- met another writer, of which nothing was written; all others are committed whole.
--
-- Shape: a gate that only locks, then exactly one gate that writes, then everything else. Two gates with
-- `on conflict` left orphans in an experiment; locks out of order gave 25 deadlocks in 12 s; without
-- `skip locked` one row locked elsewhere made the whole group wait 1.5 s.
--
-- A function of small statements in the place of one statement with a part for each table: starting and joining
-- the parts took longer than writing their rows (docs/decisions/0020-commit-function.md).
--
-- Plans are made while the tables are empty and are kept. The connections that call this (src/db/pool.ts) leave the
-- planner nothing but look-ups by index for each row given, which is what is wanted however large a table is.
--
-- To change it while older processes run, make types and a function of other names: a process sends the records
-- of the types that it knows. `commit_item` and the other types of 0002 and 0007 are those of processes before this.

create type commit_created as (
  n int4, id uuid, merchant_id uuid, mode text, reference text, currency text, version int4, status text, amount int8,
  authorized int8, captured int8, capture_pending int8, refunded int8, refund_pending int8, reversed int8, disputed int8,
  captured_beyond int8, refunded_beyond int8, state json, head bytea, at timestamptz
);
create type commit_changed as (
  n int4, id uuid, expected int4, version int4, status text,
  authorized int8, captured int8, capture_pending int8, refunded int8, refund_pending int8, reversed int8, disputed int8,
  captured_beyond int8, refunded_beyond int8, state json, head bytea, at timestamptz
);
create type commit_reserved as (
  n int4, merchant_id uuid, mode text, key text, fingerprint text, payment_id uuid, ids json,
  answer_status int2, answer json, at timestamptz
);
create type commit_answered as (
  n int4, merchant_id uuid, mode text, key text, answer_status int2, answer json, at timestamptz
);
create type commit_happened as (
  n int4, payment_id uuid, version int4, id uuid, merchant_id uuid, type text, data json, provider_at timestamptz,
  received_at timestamptz, recorded_at timestamptz, correlation text, commitment bytea, hash bytea
);
create type commit_kept_apart as (n int4, payment_id uuid, version int4, merchant_id uuid, salt bytea, data json);
create type commit_posted as (
  n int4, payment_id uuid, event_id uuid, currency text, merchant_id uuid, mode text, rule text, rule_version int2,
  accounts text[], amounts int8[], recorded_at timestamptz
);
create type commit_timed as (
  n int4, subject uuid, kind text, merchant_id uuid, payment_id uuid, due_at timestamptz, created_at timestamptz
);
create type commit_untimed as (n int4, subject uuid, kind text);
create type commit_named as (n int4, id uuid, merchant_id uuid, payment_id uuid, kind text);
create type commit_referenced as (
  n int4, provider text, account text, reference text, merchant_id uuid, payment_id uuid, subject text
);
create type commit_raised as (
  n int4, id uuid, merchant_id uuid, payment_id uuid, type text, status text, subject text, expected int8, actual int8,
  opened_at timestamptz
);
-- Exceptions that a later fact has explained: `commit_withdrawn` is as it was.

create function commit_payments(
  created commit_created[], changed commit_changed[], reserved commit_reserved[], answered commit_answered[],
  happened commit_happened[], kept_apart commit_kept_apart[], posted commit_posted[],
  timed commit_timed[], untimed commit_untimed[], named commit_named[], referenced commit_referenced[],
  raised commit_raised[], withdrawn commit_withdrawn[]
) returns int4[] language plpgsql as $$
declare
  lost int4[] := '{}';
  passed int8;
begin
  -- Gate 1 only locks: existing streams at the expected version, in one order, never waiting.
  if cardinality(changed) > 0 then
    perform from unnest(changed) c join payments p on p.id = c.id
    where p.version = c.expected order by p.id for no key update of p skip locked;
    get diagnostics passed = row_count;
    if passed < cardinality(changed) then
      with locked as materialized (
        select c.n from unnest(changed) c join payments p on p.id = c.id
        where p.version = c.expected order by p.id for no key update of p skip locked
      )
      select array(select c.n from unnest(changed) c where not exists (select from locked l where l.n = c.n)) into lost;
    end if;
  end if;

  -- Gate 2 is the only gate that writes: the reservation of the idempotency key. A new payment has a new id, and is
  -- reserved with its key: the same item once more is stopped here.
  if cardinality(reserved) > 0 then
    insert into idempotency_keys (merchant_id, mode, key, fingerprint, payment_id, ids, answer_status, answer,
      created_at, completed_at)
    select r.merchant_id, r.mode, r.key, r.fingerprint, r.payment_id, r.ids, r.answer_status, r.answer, r.at,
      case when r.answer_status is not null then r.at end
    from unnest(reserved) r where r.n <> all (lost) order by r.merchant_id, r.mode, r.key
    on conflict do nothing;
    get diagnostics passed = row_count;
    if passed < cardinality(reserved) then
      -- What this very transaction wrote is ours.
      lost := lost || array(
        select r.n from unnest(reserved) r
        where not exists (
          select from idempotency_keys k
          where k.merchant_id = r.merchant_id and k.mode = r.mode and k.key = r.key
            and k.xmin = pg_current_xact_id()::xid));
    end if;
  end if;

  if cardinality(answered) > 0 then
    update idempotency_keys k set answer_status = a.answer_status, answer = a.answer, completed_at = a.at
    from unnest(answered) a
    where k.merchant_id = a.merchant_id and k.mode = a.mode and k.key = a.key and k.answer is null and a.n <> all (lost);
  end if;
  if cardinality(created) > 0 then
    insert into payments (id, merchant_id, mode, reference, currency, version, status, amount, amount_authorized,
      amount_captured, amount_capture_pending, amount_refunded, amount_refund_pending, amount_reversed,
      amount_disputed, captured_beyond, refunded_beyond, state, head, created_at, updated_at)
    select c.id, c.merchant_id, c.mode, c.reference, c.currency, c.version, c.status, c.amount, c.authorized,
      c.captured, c.capture_pending, c.refunded, c.refund_pending, c.reversed,
      c.disputed, c.captured_beyond, c.refunded_beyond, c.state, c.head, c.at, c.at
    from unnest(created) c where c.n <> all (lost);
  end if;
  if cardinality(changed) > 0 then
    update payments p set version = c.version, status = c.status, amount_authorized = c.authorized,
      amount_captured = c.captured, amount_capture_pending = c.capture_pending, amount_refunded = c.refunded,
      amount_refund_pending = c.refund_pending, amount_reversed = c.reversed, amount_disputed = c.disputed,
      captured_beyond = c.captured_beyond, refunded_beyond = c.refunded_beyond, state = c.state, head = c.head,
      updated_at = c.at
    from unnest(changed) c
    where p.id = c.id and c.n <> all (lost);
  end if;
  if cardinality(happened) > 0 then
    insert into events (payment_id, version, id, merchant_id, type, data, provider_at, received_at, recorded_at,
      correlation, commitment, hash)
    select e.payment_id, e.version, e.id, e.merchant_id, e.type, e.data, e.provider_at, e.received_at, e.recorded_at,
      e.correlation, e.commitment, e.hash
    from unnest(happened) e where e.n <> all (lost);
  end if;
  if cardinality(kept_apart) > 0 then
    insert into event_private (payment_id, version, merchant_id, salt, data)
    select e.payment_id, e.version, e.merchant_id, e.salt, e.data from unnest(kept_apart) e where e.n <> all (lost);
  end if;
  if cardinality(posted) > 0 then
    insert into journals (payment_id, event_id, currency, merchant_id, mode, rule, rule_version, accounts, amounts,
      recorded_at)
    select j.payment_id, j.event_id, j.currency, j.merchant_id, j.mode, j.rule, j.rule_version, j.accounts, j.amounts,
      j.recorded_at
    from unnest(posted) j where j.n <> all (lost);
  end if;
  if cardinality(timed) > 0 then
    insert into schedule (subject, kind, merchant_id, payment_id, due_at, created_at)
    select t.subject, t.kind, t.merchant_id, t.payment_id, t.due_at, t.created_at
    from unnest(timed) t where t.n <> all (lost)
    on conflict (subject, kind) do update set due_at = excluded.due_at;
  end if;
  if cardinality(untimed) > 0 then
    delete from schedule s using unnest(untimed) t
    where s.subject = t.subject and s.kind = t.kind and t.n <> all (lost);
  end if;
  if cardinality(named) > 0 then
    insert into resources (id, merchant_id, payment_id, kind)
    select r.id, r.merchant_id, r.payment_id, r.kind from unnest(named) r where r.n <> all (lost);
  end if;
  if cardinality(referenced) > 0 then
    insert into provider_references (provider, account, reference, merchant_id, payment_id, subject)
    select r.provider, r.account, r.reference, r.merchant_id, r.payment_id, r.subject
    from unnest(referenced) r where r.n <> all (lost);
  end if;
  if cardinality(raised) > 0 then
    insert into exceptions (id, merchant_id, payment_id, type, status, subject, expected, actual, opened_at)
    select x.id, x.merchant_id, x.payment_id, x.type, x.status, x.subject, x.expected, x.actual, x.opened_at
    from unnest(raised) x where x.n <> all (lost);
  end if;
  if cardinality(withdrawn) > 0 then
    update exceptions x set status = 'closed' from unnest(withdrawn) w
    where x.id = w.id and w.n <> all (lost);
  end if;
  return lost;
end $$;

-- Room in the page for each row's answer: at 30 every fourth row moved to another page when it was answered, and
-- its index entries with it.
alter table idempotency_keys set (fillfactor = 25);
