/** About the server itself. */

import type { Statement } from '../pool.ts';

export const CLOCK: Statement = {
  name: 'clock',
  text: 'select (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms',
};

/** What `acknowledged-is-durable` stands on. */
export const DURABILITY: Statement = {
  name: 'durability',
  text: `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
    current_setting('full_page_writes') as full_page_writes,
    current_setting('synchronous_standby_names') as synchronous_standby_names, pg_is_in_recovery() as in_recovery`,
};

export const ENSURE_PARTITIONS: Statement = {
  name: 'ensure_partitions',
  text: 'select ensure_partitions($1, $2)',
};

/** For as long as the connection lasts. */
export const CLAIM_START: Statement = {
  name: 'claim_start',
  text: `select pg_try_advisory_lock(hashtext('truepenny.start')) as ours`,
};
