-- Timed work by the provider that it waits for, so that a slow provider delays its own work only (src/flow/schedule.ts).

-- Null until the work first comes due: most is over before that, and no commit has to tell the provider.
alter table schedule add column provider text;
create index schedule_by_provider on schedule (provider, due_at);
-- Processes of the release before this one claim in the order of `due_at`; for the time beside them sorting will do.
drop index schedule_by_due;
