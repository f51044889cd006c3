/** What keeps the database small, in short statements. */

import type { Statement } from '../pool.ts';

/** $1 completed before, $2 how many. A key whose work never ended is kept: it may still be asked for. */
export const FORGET_KEYS: Statement = {
  name: 'forget_keys',
  text: `delete from idempotency_keys where ctid in (
    select ctid from idempotency_keys where created_at < $1 and completed_at < $1
    order by created_at limit $2 for update skip locked)`,
};

/** Of the balance checkpoints taken before $1, the last of each hour stays; balances of between add what came since. */
export const THIN_CHECKPOINTS: Statement = {
  name: 'thin_checkpoints',
  text: `
with kept as materialized (
  select distinct on (system_identifier, date_trunc('hour', taken_at)) horizon from balance_horizons
  order by system_identifier, date_trunc('hour', taken_at), balance_horizons.horizon desc
),
gone as (
  delete from balance_horizons h where taken_at < $1 and not exists (select from kept where kept.horizon = h.horizon)
  returning horizon
)
delete from balance_checkpoints c using gone where c.horizon = gone.horizon`,
};
