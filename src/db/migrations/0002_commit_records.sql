-- The records that the commit statement takes, a list of each as one parameter (src/db/statements/commit.ts).
-- `n` is the item's place in its group. A process sends all columns of the type it knows: to change one of
-- these while older processes run, make a type of another name.

create type commit_item as (
  n int4, payment uuid, merchant uuid, mode text, expected int4, version int4, reference text, currency text,
  status text, amount int8, authorized int8, captured int8, capture_pending int8, refunded int8,
  refund_pending int8, reversed int8, disputed int8, captured_beyond int8, refunded_beyond int8, state json,
  head bytea, now timestamptz, key text, reserve bool, fingerprint text, ids json, answer_status int2, answer json
);
create type commit_event as (
  n int4, version int4, id uuid, type text, data json, provider_at timestamptz, received_at timestamptz,
  correlation text, commitment bytea, hash bytea
);
create type commit_private as (n int4, version int4, salt bytea, data json);
create type commit_journal as (
  n int4, event uuid, rule text, rule_version int2, accounts text[], amounts int8[]
);
create type commit_scheduled as (n int4, subject uuid, kind text, due_at timestamptz);
create type commit_unscheduled as (n int4, subject uuid, kind text);
create type commit_resource as (n int4, id uuid, kind text);
create type commit_reference as (n int4, provider text, reference text, subject text);
create type commit_exception as (
  n int4, id uuid, type text, subject text, expected int8, actual int8, status text
);
create type commit_withdrawn as (n int4, id uuid);
