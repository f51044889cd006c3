-- Webhooks to merchants: where they go, what went there, and how far the events have been handed on.

create table webhook_endpoints (
  id uuid primary key,
  merchant_id uuid not null references merchants,
  mode text not null check (mode in ('test', 'live')),
  url text not null,
  -- Filters on the public type: `*`, `payment.*`, `refund.succeeded`.
  events text[] not null,
  -- Per payment, the next event goes out once the one before has arrived or was given up.
  ordered boolean not null,
  description text,
  status text not null check (status in ('enabled', 'disabled')),
  -- Who turned it off: the merchant, or we, since nothing arrived for days.
  disabled_reason text check (disabled_reason in ('requested', 'failing')),
  -- Encrypted with a key that the database never sees.
  secret bytea not null,
  previous_secret bytea,
  previous_until timestamptz,
  -- Events from before its time are not for it.
  since xid8 not null default pg_current_xact_id(),
  -- The first failure after the last delivery that arrived.
  failing_since timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- Kept without its secret, so that what was sent can still be accounted for.
  deleted_at timestamptz,
  check ((status = 'disabled') = (disabled_reason is not null)),
  check ((previous_secret is null) = (previous_until is null))
);
create index webhook_endpoints_by_merchant on webhook_endpoints (merchant_id, mode, id) where deleted_at is null;

-- One event for one endpoint. What is sent is read from the event itself at each attempt.
create table deliveries (
  id uuid primary key default uuidv7(),
  endpoint_id uuid not null references webhook_endpoints,
  merchant_id uuid not null,
  event_id uuid not null,
  -- Null for a test event, which is about no payment.
  payment_id uuid,
  sequence int not null,
  type text not null,
  status text not null check (status in ('pending', 'succeeded', 'failed')),
  due_at timestamptz not null,
  -- While a worker is at it. A worker that died is followed by another after this time.
  leased_until timestamptz,
  fence int not null default 0,
  -- Attempts in all, and those since it was last begun: the latter choose the next wait.
  attempts int not null default 0,
  tries int not null default 0,
  -- Given up some days after this.
  begun_at timestamptz not null,
  created_at timestamptz not null,
  unique (endpoint_id, event_id)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
create index deliveries_due on deliveries (endpoint_id, due_at, id) where status = 'pending';
create index deliveries_pending on deliveries (endpoint_id, payment_id, sequence) where status = 'pending';
create index deliveries_by_endpoint on deliveries (endpoint_id, id);
create index deliveries_by_age on deliveries (created_at);

create table delivery_attempts (
  delivery_id uuid not null references deliveries on delete cascade,
  number int not null,
  url text not null,
  attempted_at timestamptz not null,
  duration_ms int not null,
  -- Null when no answer came; then `error` says why.
  http_status int,
  response text,
  error text,
  primary key (delivery_id, number)
);

-- How far each consumer of the event table has come. A dump restored elsewhere has another system identifier,
-- and its transaction ids start anew.
create table event_consumers (
  name text primary key,
  system_identifier bigint not null,
  xid xid8 not null,
  position bigint not null
);
-- Nobody has asked for the events that are there already.
insert into event_consumers (name, system_identifier, xid, position)
select 'merchant_webhooks', system_identifier, pg_snapshot_xmin(pg_current_snapshot()), 0 from pg_control_system();
