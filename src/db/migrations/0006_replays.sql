-- What vanished from sight becomes an exception: deliveries that are set aside, and facts that wait for ever.
-- Replays as acts on record: who asked, who approved, of exactly which deliveries, and what each of them changed.

-- A wider condition: every value that is there meets it.
alter domain schedule_kind drop constraint schedule_kind_check;
alter domain schedule_kind add constraint schedule_kind_check
  check (value in ('operation', 'action', 'unpaid', 'authorization', 'waiting')) not valid;

-- Payments with waiting facts have no timer for them yet.
insert into schedule (subject, kind, merchant_id, payment_id, due_at, created_at)
select id, 'waiting', merchant_id, id, now(), now() from payments
where json_typeof(state -> 'waiting') = 'array' and json_array_length(state -> 'waiting') > 0;

-- An exception is about a payment and raised by an event of it; or about a delivery that found no payment, which
-- belongs to the platform and to no merchant.
alter table exceptions alter column merchant_id drop not null;
alter table exceptions alter column payment_id drop not null;
alter table exceptions add column inbox_id uuid;
alter table exceptions add constraint "exception-of-one" check (
  (payment_id is null) = (inbox_id is not null) and (payment_id is null) = (merchant_id is null)) not valid;
create index exceptions_of_deliveries on exceptions (id) where inbox_id is not null and status = 'open';

alter table inbox_due add column exception_id uuid;
-- Of the replay that handed the delivery out, until its result is on record.
alter table inbox_due add column replay_id uuid;

with aside as materialized (select inbox_id, uuidv7() as exception_id from inbox_due where state = 'set_aside'),
raised as (
  insert into exceptions (id, inbox_id, type, subject, opened_at)
  select a.exception_id, a.inbox_id, 'webhook_unreadable', a.inbox_id::text, now() from aside a
)
update inbox_due d set exception_id = a.exception_id from aside a where d.inbox_id = a.inbox_id;
alter table inbox_due add constraint "nothing-vanishes"
  check (state <> 'set_aside' or exception_id is not null) not valid;

-- A replay as it was asked for; never changed. Where it stands follows from the tables below.
alter table inbox_replays
  add column override boolean not null default false,
  add column needs_approval boolean not null default false,
  add column approve_before timestamptz,
  -- What a dry run of it told when it was asked for.
  add column would json;
alter table inbox_replays add constraint "replay-by-its-asker" unique (id, requested_by);
alter table inbox_replays add constraint "approval-in-time" check (needs_approval = (approve_before is not null));

-- Exactly which deliveries.
create table inbox_replay_scope (
  replay_id uuid not null references inbox_replays,
  inbox_id uuid not null,
  primary key (replay_id, inbox_id)
);

create table inbox_replay_decisions (
  replay_id uuid not null,
  kind text not null check (kind in ('approved', 'rejected', 'stopped')),
  requested_by text not null,
  decided_by text not null,
  reason text not null,
  decided_at timestamptz not null,
  primary key (replay_id, kind),
  foreign key (replay_id, requested_by) references inbox_replays (id, requested_by),
  constraint "four-eyes" check (kind <> 'approved' or decided_by <> requested_by)
);
-- Approved or rejected, not both.
create unique index inbox_replay_one_answer on inbox_replay_decisions (replay_id) where kind <> 'stopped';

-- What came of each delivery, with the events that it wrote: `{payment, version, type}`.
create table inbox_replay_results (
  replay_id uuid not null references inbox_replays,
  inbox_id uuid not null,
  result text not null check (result in ('applied', 'ignored', 'parked', 'set_aside', 'failed', 'gone')),
  why text,
  events json not null,
  finished_at timestamptz not null,
  primary key (replay_id, inbox_id)
);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: it is the record of what was done', tg_table_name using errcode = '23514';
end $$;
create trigger append_only before update or delete on inbox_replays for each statement execute function refuse_change();
create trigger append_only before update or delete on inbox_replay_scope
  for each statement execute function refuse_change();
create trigger append_only before update or delete on inbox_replay_decisions
  for each statement execute function refuse_change();
create trigger append_only before update or delete on inbox_replay_results
  for each statement execute function refuse_change();

-- Replays that are under way, first come, first served: a row goes once every delivery has its result. `last` is
-- the last delivery that was handed out: who comes after a crash goes on behind it.
create table inbox_replay_due (
  place bigint generated always as identity primary key,
  replay_id uuid not null unique references inbox_replays,
  last uuid,
  due_at timestamptz not null
);
