/** Replays: what was asked for and decided, and what came of each delivery. All of it is only ever added to. */

import type { Statement } from '../pool.ts';
import { SELECTED } from './inbox.ts';

export type ReplayStatus =
  | 'awaiting_approval'
  | 'running'
  | 'finished'
  | 'rejected'
  /** Nobody approved it in time. */
  | 'expired'
  | 'stopped';

export type ReplayRow = {
  id: string;
  requested_by: string;
  reason: string;
  selection: string;
  deliveries: number;
  override: boolean;
  requested_at: string;
  approve_before: string | null;
  would: string | null;
  status: ReplayStatus;
  /** JSON list of decisions, oldest first. */
  decisions: string;
  finished: number;
  changed: number;
};

/** Where a replay stands, from what is on record. $1 now. */
const REPLAY = `select r.id, r.requested_by, r.reason, r.selection, r.deliveries, r.override, r.requested_at,
    r.approve_before, r.would,
    case
      when exists (select from inbox_replay_decisions where replay_id = r.id and kind = 'rejected') then 'rejected'
      when exists (select from inbox_replay_decisions where replay_id = r.id and kind = 'stopped') then 'stopped'
      when exists (select from inbox_replay_due where replay_id = r.id) then 'running'
      when not r.needs_approval
        or exists (select from inbox_replay_decisions where replay_id = r.id and kind = 'approved') then 'finished'
      when r.approve_before <= $1 then 'expired'
      else 'awaiting_approval'
    end as status,
    (select coalesce(json_agg(json_build_object('kind', kind, 'by', decided_by, 'reason', reason, 'at', decided_at)
      order by decided_at), '[]') from inbox_replay_decisions where replay_id = r.id) as decisions,
    (select count(*)::int from inbox_replay_results where replay_id = r.id) as finished,
    (select count(*)::int from inbox_replay_results
      where replay_id = r.id and json_array_length(events) > 0) as changed
  from inbox_replays r`;

/** Newest first; $2 before this id, $3 how many. */
export const LIST_REPLAYS: Statement = {
  name: 'list_replays',
  text: `${REPLAY} where ($2::uuid is null or r.id < $2) order by r.id desc limit $3`,
};

/** $2 id. */
export const LOAD_REPLAY: Statement = { name: 'load_replay', text: `${REPLAY} where r.id = $2` };

/** What was selected (see `SELECTED`), no more than $7. */
export const SELECT_SCOPE: Statement = {
  name: 'select_replay_scope',
  text: `select i.id ${SELECTED} order by i.id limit $7`,
};

/**
 * $1 id, $2 by whom, $3 reason, $4 selection, $5 now, $6 override, $7 approval until (null: needs none), $8 dry run,
 * $9 deliveries, $10 how many may be open at once. Nothing when there are too many; one that needs no approval is
 * under way with that.
 */
export const REQUEST_REPLAY: Statement = {
  name: 'request_replay',
  text: `
with open as materialized (
  select (select count(*) from inbox_replay_due) + (select count(*) from inbox_replays r
    where r.approve_before > $5
      and not exists (select from inbox_replay_decisions d where d.replay_id = r.id)) as count
),
asked as (
  insert into inbox_replays (id, requested_by, reason, selection, deliveries, requested_at, override, needs_approval,
    approve_before, would)
  select $1, $2, $3, $4, cardinality($9::uuid[]), $5, $6, $7::timestamptz is not null, $7, $8::json
  from open where count < $10
  returning id, needs_approval
),
scope as (
  insert into inbox_replay_scope (replay_id, inbox_id) select asked.id, unnest($9::uuid[]) from asked
),
under_way as (
  insert into inbox_replay_due (replay_id, due_at) select id, $5 from asked where not needs_approval
)
select id from asked`,
};

/**
 * $1 replay, $2 approved, rejected or stopped, $3 by whom, $4 reason, $5 now. A row where that was still to be
 * decided; an approval starts it.
 */
export const DECIDE_REPLAY: Statement = {
  name: 'decide_replay',
  text: `
with open as materialized (
  select r.id, r.requested_by from inbox_replays r
  where r.id = $1 and case $2::text
    when 'stopped' then exists (select from inbox_replay_due where replay_id = r.id)
    else r.approve_before > $5 and not exists (select from inbox_replay_decisions where replay_id = r.id)
  end
),
decided as (
  insert into inbox_replay_decisions (replay_id, kind, requested_by, decided_by, reason, decided_at)
  select id, $2, requested_by, $3, $4, $5 from open
  on conflict do nothing
  returning replay_id
),
under_way as (
  insert into inbox_replay_due (replay_id, due_at) select replay_id, $5 from decided where $2 = 'approved'
),
over as (
  delete from inbox_replay_due d using decided where d.replay_id = decided.replay_id and $2 = 'stopped'
)
select replay_id from decided`,
};

/** The first of those under way, if its time has come. $1 now, $2 the next time; others wait for it to end. */
export const CLAIM_REPLAY: Statement = {
  name: 'claim_replay',
  text: `update inbox_replay_due set due_at = $2
    where place = (select min(place) from inbox_replay_due) and due_at <= $1
    returning replay_id`,
};

/**
 * Hands out the next deliveries of the replay $1 ($2 now, $3 how many), as if they had come now. What was forgotten
 * meanwhile has its result at once. Gives how many were handed out.
 */
export const HAND_OUT: Statement = {
  name: 'hand_out_replay',
  text: `
with due as materialized (select replay_id, last from inbox_replay_due where replay_id = $1 for update),
next as materialized (
  select s.inbox_id from inbox_replay_scope s, due
  where s.replay_id = $1 and (due.last is null or s.inbox_id > due.last) order by s.inbox_id limit $3
),
handed as (
  insert into inbox_due (inbox_id, provider, state, due_at, received_at, replay_id)
  select i.id, i.provider, 'received', $2, i.received_at, $1
  from inbox i join next on next.inbox_id = i.id and i.id = any (array(select inbox_id from next))
  on conflict (inbox_id) do update set state = 'received', tries = 0, fence = inbox_due.fence + 1, why = null,
    due_at = $2, replay_id = $1
),
gone as (
  insert into inbox_replay_results (replay_id, inbox_id, result, why, events, finished_at)
  select $1, inbox_id, 'gone', 'forgotten: it is older than deliveries are kept', '[]', $2 from next
  where not exists (select from inbox i where i.id = next.inbox_id)
  on conflict do nothing
),
moved as (
  update inbox_replay_due set last = (select inbox_id from next order by inbox_id desc limit 1)
  where replay_id = $1 and exists (select from next)
)
select count(*)::int as count from next`,
};

/** The replay $1 is over once everything that it is to do has a result. */
export const END_REPLAY: Statement = {
  name: 'end_replay',
  text: `delete from inbox_replay_due where replay_id = $1
    and (select count(*) from inbox_replay_results where replay_id = $1)
      = (select count(*) from inbox_replay_scope where replay_id = $1)
    returning replay_id`,
};

export type ReplayResultRow = {
  inbox_id: string;
  result: 'applied' | 'ignored' | 'parked' | 'set_aside' | 'failed' | 'gone' | null;
  why: string | null;
  events: string | null;
  finished_at: string | null;
};

/** Of the replay $1 each delivery with its result, null while it has none; $2 after this id, $3 how many. */
export const LIST_RESULTS: Statement = {
  name: 'list_replay_results',
  text: `select s.inbox_id, x.result, x.why, x.events, x.finished_at
    from inbox_replay_scope s left join inbox_replay_results x using (replay_id, inbox_id)
    where s.replay_id = $1 and ($2::uuid is null or s.inbox_id > $2) order by s.inbox_id limit $3`,
};

/** $1 payments, $2 correlation: what was written to them under that name. */
export const EVENTS_OF_CORRELATION: Statement = {
  name: 'events_of_correlation',
  text: `select payment_id, version, type from events where payment_id = any ($1::uuid[]) and correlation = $2
    order by payment_id, version`,
};
