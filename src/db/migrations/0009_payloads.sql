-- What was encrypted for one charge, until its attempt has been answered: never in an event, which is kept for ever.
create table payloads (
  attempt uuid primary key,
  token text not null,
  kept_at timestamptz not null
);
