/** `ledger-follows-events` and the rest of what `truepenny verify` judges, over the whole database. */

import { verifyDatabase } from '../../../src/features/verify/verify.ts';
import { realWorld } from '../../../src/ops/world.ts';
import type { Evidence, Finding, Oracle } from '../evidence.ts';
import { CHAIN_KEY } from '../process.ts';

/** There are no digests: they are files, and prove what a database alone cannot tell. */
export function verified(folder: string): Oracle {
  const atEnd = async ({ pool }: Evidence): Promise<Finding[]> => {
    const report = await verifyDatabase({
      pool,
      chainKey: CHAIN_KEY,
      digestFolder: folder,
      world: realWorld(),
    });
    return report.findings;
  };
  return { name: 'verify', atEnd };
}
