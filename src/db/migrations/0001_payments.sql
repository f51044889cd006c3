-- The money state of payments. Written by flow/commit alone.
--
-- Ids are UUIDv7. What grows with history (events, journals) is partitioned by month on the payment's id, so
-- that a payment's rows lie together and the cost of a payment does not grow with history; what must be unique
-- is in tables that are not partitioned.

create table merchants (
  id uuid primary key,
  name text not null,
  funds text not null check (funds in ('own', 'held')),
  created_at timestamptz not null
);

create table api_keys (
  id uuid primary key,
  merchant_id uuid not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  kind text not null check (kind in ('secret', 'publishable')),
  scopes text[] not null,
  -- SHA-256 of the key: it has 256 random bits, so there is nothing to guess and no need for a slow hash.
  key_hash bytea not null unique check (octet_length(key_hash) = 32),
  -- First and last letters, for people to tell keys apart.
  hint text not null,
  created_at timestamptz not null,
  revoked_at timestamptz
);

-- Domains rather than checks on the table: PostgreSQL keeps their conditions ready in memory, while it reads a
-- table's checks anew for every statement, which was 15 % of a single commit's time.
create domain minor_units as bigint check (value >= 0);
create domain positive_minor_units as bigint check (value > 0);
create domain stream_version as int check (value > 0);
create domain hash_bytes as bytea check (octet_length(value) = 32);
-- An attempt is known by its own id once its customer was sent away: the way back names nothing else.
create domain resource_kind as text check (value in ('capture', 'refund', 'attempt'));
create domain schedule_kind as text check (value in ('operation', 'action', 'unpaid', 'authorization'));
-- The lines of one journal; written out, since SQL sums no array without a function, which costs more than all
-- other checks together.
create domain journal_amounts as bigint[]
  constraint "journals-balance" check (value[1] + value[2] + coalesce(value[3], 0) + coalesce(value[4], 0)
    + coalesce(value[5], 0) + coalesce(value[6], 0) + coalesce(value[7], 0) + coalesce(value[8], 0) = 0)
  constraint "journal-lines" check (cardinality(value) between 2 and 8 and array_lower(value, 1) = 1
    and not 0 = any (value));
create domain payment_status as text check (value in ('requires_payment_method', 'requires_confirmation',
  'requires_action', 'processing', 'authorized', 'partially_captured', 'captured', 'voided', 'failed', 'expired'));

-- The snapshot of each payment: what deciding needs, and columns to list and check by. It can be rebuilt from
-- the events, byte for byte.
create table payments (
  id uuid primary key,
  -- Not a foreign key: the merchant is the API key's, whose row has one; looking it up again for every payment
  -- costs as much as writing its event. Merchants are never deleted.
  merchant_id uuid not null,
  mode text not null,
  reference text,
  currency char(3) not null,
  version int not null,
  status payment_status not null,
  amount positive_minor_units not null,
  amount_authorized minor_units not null,
  amount_captured minor_units not null,
  amount_capture_pending minor_units not null,
  amount_refunded minor_units not null,
  amount_refund_pending minor_units not null,
  amount_reversed minor_units not null,
  amount_disputed minor_units not null,
  -- What a provider did beyond what it was asked for: facts bind, the limits below bind us.
  captured_beyond minor_units not null,
  refunded_beyond minor_units not null,
  state json not null,
  -- Hash of the latest event.
  head bytea not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint "capture-within-authorization"
    check (amount_captured + amount_capture_pending <= amount_authorized + captured_beyond),
  constraint "refund-within-capture"
    check (amount_refunded + amount_refund_pending + amount_reversed + amount_disputed
      <= amount_captured + refunded_beyond)
) with (fillfactor = 50);
-- Only columns that never change are indexed: every commit updates the row in place (HOT).
create index payments_by_merchant on payments (merchant_id, mode, id);
create index payments_by_reference on payments (merchant_id, mode, reference) where reference is not null;

create table events (
  payment_id uuid not null,
  version stream_version not null,
  id uuid not null,
  merchant_id uuid not null,
  type text not null,
  -- `json`, not `jsonb`: the hash covers these very bytes.
  data json not null,
  provider_at timestamptz,
  received_at timestamptz,
  recorded_at timestamptz not null,
  -- What request, job or delivery it came from: the same in logs and at the provider.
  correlation text not null,
  -- Keyed commitment to the private part (event_private), which can be erased without breaking the chain.
  commitment hash_bytes,
  hash hash_bytes not null,
  -- For consumers: a position is safe to pass only once no older transaction is open.
  xid xid8 not null default pg_current_xact_id(),
  position bigint generated always as identity,
  primary key (payment_id, version)
) partition by range (payment_id);
create index events_by_xid on events (xid, position);

-- What may identify a person, or is free text of the merchant's: beside the event, never in it.
create table event_private (
  payment_id uuid not null,
  version int not null,
  merchant_id uuid not null,
  salt bytea not null,
  data json not null,
  primary key (payment_id, version)
) partition by range (payment_id);

-- One row is one journal, so that the database itself refuses one that does not balance. Debits are positive.
create table journals (
  payment_id uuid not null,
  event_id uuid not null,
  currency char(3) not null,
  merchant_id uuid not null,
  mode text not null,
  rule text not null,
  rule_version smallint not null,
  accounts text[] not null,
  amounts journal_amounts not null,
  recorded_at timestamptz not null,
  xid xid8 not null default pg_current_xact_id(),
  primary key (payment_id, event_id, currency),
  check (cardinality(accounts) = cardinality(amounts))
) partition by range (payment_id);
create index journals_by_xid on journals (xid);

create view entries as
select j.event_id as journal_id, line.number, j.payment_id, j.merchant_id, j.mode, j.currency, line.account, line.amount,
  j.rule, j.rule_version, j.recorded_at, j.xid
from journals j, unnest(j.accounts, j.amounts) with ordinality as line (account, amount, number);

-- Balances up to a transaction horizon; the balance is the latest checkpoint plus the journals after it.
create table balance_checkpoints (
  horizon xid8 not null,
  merchant_id uuid not null,
  mode text not null,
  account text not null,
  currency char(3) not null,
  debits numeric not null,
  credits numeric not null,
  primary key (horizon, merchant_id, mode, account, currency)
);
create table balance_horizons (
  -- A restored dump counts its transactions anew: only horizons of this very system say anything.
  system_identifier bigint not null,
  horizon xid8 primary key,
  -- No journal below the horizon was recorded later: the checkpoint serves every time from here on.
  latest_recorded_at timestamptz not null,
  taken_at timestamptz not null
);

-- One key, one effect, one answer. The row commits with the effect.
create table idempotency_keys (
  merchant_id uuid not null,
  mode text not null,
  key text not null,
  -- Method, route, and a digest of each field of the body.
  fingerprint text not null,
  payment_id uuid,
  -- The ids that the request made: a repetition makes no others.
  ids json not null,
  answer_status smallint,
  answer json,
  created_at timestamptz not null,
  completed_at timestamptz,
  primary key (merchant_id, mode, key),
  check ((answer_status is null) = (answer is null) and (answer is null) = (completed_at is null))
) with (fillfactor = 30);
create index idempotency_keys_by_age on idempotency_keys (created_at);

-- Captures, refunds and attempts by their own id.
create table resources (
  id uuid primary key,
  merchant_id uuid not null,
  payment_id uuid not null,
  kind resource_kind not null
);

-- one-reference-one-attempt: a provider's id belongs to one attempt or movement of one payment.
create table provider_references (
  provider text not null,
  reference text not null,
  merchant_id uuid not null,
  payment_id uuid not null,
  subject text not null,
  primary key (provider, reference)
);

-- Time-driven work, claimed by due time. An operation's row is its lease while it is performed.
create table schedule (
  subject uuid not null,
  kind schedule_kind not null,
  merchant_id uuid not null,
  payment_id uuid not null,
  due_at timestamptz not null,
  fence int not null default 0,
  tries int not null default 0,
  last_tried_at timestamptz,
  last_result text,
  created_at timestamptz not null,
  primary key (subject, kind)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
create index schedule_by_due on schedule (due_at);
create index schedule_by_payment on schedule (payment_id);

-- Exceptions: what needs a person. Opened by an event, in the same commit.
create table exceptions (
  id uuid primary key,
  merchant_id uuid not null,
  payment_id uuid not null,
  type text not null,
  status text not null default 'open' check (status in ('open', 'closed')),
  subject text not null,
  expected bigint,
  actual bigint,
  opened_at timestamptz not null
);
create index exceptions_open on exceptions (merchant_id, id) where status = 'open';
create index exceptions_by_payment on exceptions (payment_id);

-- Monthly partitions. The bound of a month is the UUIDv7 of its first millisecond.
create function uuid_of_time(at timestamptz) returns uuid
  language sql immutable strict
  return (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid;

create function ensure_partitions(now timestamptz, months int) returns void language plpgsql as $$
declare
  base text;
  month timestamptz := date_trunc('month', now at time zone 'UTC') at time zone 'UTC';
  until timestamptz;
begin
  perform pg_advisory_xact_lock(hashtext('truepenny.partitions'));
  for i in 0 .. months loop
    until := (month at time zone 'UTC' + interval '1 month') at time zone 'UTC';
    foreach base in array array['events', 'event_private', 'journals'] loop
      if to_regclass(format('%s_%s', base, to_char(month at time zone 'UTC', 'YYYYMM'))) is null then
        execute format('create table %I partition of %I for values from (%L) to (%L)',
          format('%s_%s', base, to_char(month at time zone 'UTC', 'YYYYMM')), base, uuid_of_time(month), uuid_of_time(until));
      end if;
    end loop;
    month := until;
  end loop;
end $$;

-- Catches ids outside the months that exist, so that no payment fails for a missing partition.
create table events_other partition of events default;
create table event_private_other partition of event_private default;
create table journals_other partition of journals default;
