-- What providers send by themselves: stored as it arrived once its signature is verified, then processed.

create domain inbox_result as text check (value in ('applied', 'ignored'));
create domain inbox_state as text check (value in ('received', 'parked', 'set_aside'));

create table inbox (
  id uuid primary key,
  provider text not null,
  account text not null,
  -- The provider's id of the event; of those that have none, the digest of the body.
  event_id text not null,
  received_at timestamptz not null,
  headers json not null,
  body bytea not null,
  -- How often it came again.
  repeats int not null,
  result inbox_result,
  -- What came of it, for people: how many facts, which events they made.
  result_detail json,
  processed_at timestamptz,
  unique (provider, account, event_id)
) with (fillfactor = 70);

-- What is still to be processed, parked until its payment appears, or set aside for a person. A row here means
-- that the delivery is not done; claiming pushes `due_at` forward, as in `schedule`.
create table inbox_due (
  inbox_id uuid primary key,
  provider text not null,
  state inbox_state not null,
  due_at timestamptz,
  received_at timestamptz not null,
  tries int not null default 0,
  fence int not null default 0,
  why text
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
create index inbox_due_by_time on inbox_due (provider, due_at) where due_at is not null;

-- Which payments a delivery spoke of.
create table inbox_payments (
  payment_id uuid not null,
  inbox_id uuid not null,
  primary key (payment_id, inbox_id)
);
create index inbox_payments_by_inbox on inbox_payments (inbox_id);

-- How far the list of what moved on each provider account has been read. Claiming pushes `due_at` forward.
create table provider_syncs (
  provider text not null,
  account text not null,
  cursor text,
  due_at timestamptz not null,
  synced_at timestamptz,
  primary key (provider, account)
);

-- A bounded sample of what was refused at the door: its shape, never its values.
create table inbox_refused (
  id uuid primary key,
  provider text not null,
  account text not null,
  reason text not null,
  received_at timestamptz not null,
  headers json not null,
  body_bytes int not null,
  body_sha256 text not null,
  body_shape json
);

-- Who had deliveries processed again, and why.
create table inbox_replays (
  id uuid primary key,
  requested_by text not null,
  reason text not null,
  selection json not null,
  deliveries int not null,
  requested_at timestamptz not null
);

create type inbox_delivery as (
  n int4, id uuid, provider text, account text, event_id text, received_at timestamptz, headers json, body bytea,
  repeats int4
);
