-- Consumers that hand events on over the network. Nothing may stay locked meanwhile: an open transaction would
-- hold back the horizon of every consumer. So each batch is taken under a lease, which is its back-off too.

alter table event_consumers
  add column leased_until timestamptz,
  -- Tells the present holder of the lease from one that lost it.
  add column fence int not null default 0,
  -- Failures in a row; they choose the next wait.
  add column tries int not null default 0;
