/**
 * Balances: the latest checkpoint that serves the time asked for, plus the journals after it. No hot row.
 *
 * A checkpoint covers the journals of transactions below its horizon: those that were all over when it was
 * taken, so a late commit can never fall between checkpoint and tail.
 */

import type { Statement } from '../pool.ts';

export type BalanceRow = { account: string; currency: string; debits: string; credits: string };

/** $1 merchant, $2 mode, $3 as of. */
export const BALANCES: Statement = {
  name: 'balances',
  text: `
with base as materialized (
  select horizon from balance_horizons
  where latest_recorded_at <= $3 and system_identifier = (select system_identifier from pg_control_system())
  order by horizon desc limit 1
),
line as (
  select c.account, c.currency, c.debits, c.credits from balance_checkpoints c
  where c.horizon = (select horizon from base) and c.merchant_id = $1 and c.mode = $2
  union all
  select l.account, j.currency, greatest(l.amount, 0), greatest(-l.amount, 0)
  from journals j, unnest(j.accounts, j.amounts) as l (account, amount)
  where j.xid >= coalesce((select horizon from base), '0'::xid8)
    and j.merchant_id = $1 and j.mode = $2 and j.recorded_at <= $3
)
select account, currency, sum(debits)::text as debits, sum(credits)::text as credits
from line group by account, currency order by account, currency`,
};

/** $1 now, $2 fewest new journals that are worth a checkpoint. Gives the horizon, if one was taken. */
export const TAKE_CHECKPOINT: Statement = {
  name: 'take_checkpoint',
  text: `
with base as materialized (
  select horizon, latest_recorded_at from balance_horizons
  where system_identifier = (select system_identifier from pg_control_system())
  order by horizon desc limit 1
),
edge as materialized (select pg_snapshot_xmin(pg_current_snapshot()) as horizon),
tail as materialized (
  select j.merchant_id, j.mode, j.currency, j.accounts, j.amounts, j.recorded_at from journals j, edge
  where j.xid >= coalesce((select horizon from base), '0'::xid8) and j.xid < edge.horizon
),
worth as materialized (
  select edge.horizon, greatest((select latest_recorded_at from base), (select max(recorded_at) from tail)) as latest
  from edge where (select count(*) from tail) >= $2
),
marked as (
  insert into balance_horizons (system_identifier, horizon, latest_recorded_at, taken_at)
  select (select system_identifier from pg_control_system()), horizon, latest, $1 from worth
  on conflict do nothing returning horizon
),
written as (
  insert into balance_checkpoints (horizon, merchant_id, mode, account, currency, debits, credits)
  select m.horizon, l.merchant_id, l.mode, l.account, l.currency, sum(l.debits), sum(l.credits)
  from marked m, (
    select c.merchant_id, c.mode, c.account, c.currency, c.debits, c.credits
    from balance_checkpoints c where c.horizon = (select horizon from base)
    union all
    select t.merchant_id, t.mode, e.account, t.currency, greatest(e.amount, 0), greatest(-e.amount, 0)
    from tail t, unnest(t.accounts, t.amounts) as e (account, amount)
  ) l
  group by m.horizon, l.merchant_id, l.mode, l.account, l.currency
)
select horizon::text from marked`,
};

/** $1 merchant, $2 mode, $3 payment, $4 account, $5 after this event id, $6 how many. */
export const LIST_JOURNALS: Statement = {
  name: 'list_journals',
  text: `select payment_id, event_id, currency, rule, rule_version, accounts, amounts, recorded_at
    from journals
    where merchant_id = $1 and mode = $2 and ($3::uuid is null or payment_id = $3)
      and ($4::text is null or $4 = any (accounts)) and ($5::uuid is null or event_id > $5)
    order by event_id limit $6`,
};
