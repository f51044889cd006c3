/** How far the list of what moved on each provider account has been read. */

import type { Statement } from '../pool.ts';

/** $1 provider, $2 account, $3 now, $4 the next time. Nothing when it is not due, or another worker is at it. */
export const CLAIM_SYNC: Statement = {
  name: 'claim_sync',
  text: `insert into provider_syncs as s (provider, account, due_at) values ($1, $2, $4)
    on conflict (provider, account) do update set due_at = $4 where s.due_at <= $3
    returning s.cursor`,
};

export type SyncAge = { provider: string; account: string; age_seconds: number };

/** $1 now. Infinite for what could never be read. */
export const SYNC_AGES: Statement = {
  name: 'sync_ages',
  text: `select provider, account,
      coalesce(extract(epoch from $1::timestamptz - synced_at), 'infinity')::float as age_seconds
    from provider_syncs`,
};

/** $1 provider, $2 account, $3 cursor, $4 now. */
export const ADVANCE_SYNC: Statement = {
  name: 'advance_sync',
  text: 'update provider_syncs set cursor = $3, synced_at = $4 where provider = $1 and account = $2',
};
