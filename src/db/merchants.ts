/** Whose money the merchant's payments are: fixed with the merchant, so each process asks once. */

import { toUuid } from '../core/ids.ts';
import type { Funds } from '../core/payment/events.ts';
import { type Pool, query } from './pool.ts';
import { MERCHANT_FUNDS } from './statements/merchants.ts';

const REMEMBERED = 10_000;

export function fundsOf(pool: Pool): (merchant: string) => Promise<Funds> {
  const known = new Map<string, Funds>();
  return async (merchant) => {
    const before = known.get(merchant);
    if (before) return before;
    const [row] = await query<{ funds: Funds }>(pool, MERCHANT_FUNDS, [toUuid(merchant)]);
    if (!row) throw new Error(`merchant ${merchant} is not in the database`);
    if (known.size >= REMEMBERED) known.clear();
    known.set(merchant, row.funds);
    return row.funds;
  };
}
