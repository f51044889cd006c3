/** Provider accounts that payments were made with, and that the configuration names no more. */

import { query } from '../db/pool.ts';
import { ACCOUNTS_USED } from '../db/statements/payments.ts';
import type { FlowDeps } from './deps.ts';

/** Tells whoever starts a process, before a merchant or a customer finds out. */
export async function warnOfMissingAccounts(
  deps: Pick<FlowDeps, 'pool' | 'accounts' | 'log'>,
): Promise<void> {
  type Used = { provider: string; account: string };
  const used = await query<Used>(deps.pool, ACCOUNTS_USED).catch((error: unknown) => {
    deps.log.warn({ err: error }, 'it could not be read which provider accounts have payments');
    return [];
  });
  const missing = used.filter(({ provider, account }) => deps.accounts.get(account)?.provider !== provider);
  if (missing.length === 0) return;
  deps.log.warn(
    { missing: missing.map(({ provider, account }) => `${provider}/${account}`) },
    'payments were made with provider accounts that are not configured: they cannot be captured, voided, refunded or asked about',
  );
}
