/** What the ledger feature gives. */

import type { Principal, Reply } from '../../flow/caller.ts';

export type { Principal, Reply };

export type Ledger = {
  /** Balances of every account as of a time; now when null. */
  accounts(principal: Principal, at: string | null): Promise<Reply>;
  trialBalance(principal: Principal, at: string | null): Promise<Reply>;
  journals(
    principal: Principal,
    query: { payment: string | null; account: string | null; limit: number; cursor: string | null },
  ): Promise<Reply>;
};
