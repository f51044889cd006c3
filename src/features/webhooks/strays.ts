/**
 * Deliveries of providers that are configured no more. No loop claims them and nobody can read them: after a while they
 * are put before a person, so that they neither vanish from sight nor hold up a replay that they are part of.
 */

import { query } from '../../db/pool.ts';
import { CLAIM_STRAYS, type DueDelivery } from '../../db/statements/inbox.ts';
import { type FlowDeps, iso } from '../../flow/deps.ts';
import { LIMITS } from '../../ops/limits.ts';
import { defer } from './settle.ts';

/** Runs until the signal aborts. `configured`: the providers whose deliveries are claimed here. */
export async function runStrays(
  deps: FlowDeps,
  configured: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const did = await setStraysAside(deps, configured).catch((error: unknown) => {
      deps.log.warn(
        { err: error },
        'deliveries of providers that are not configured could not be looked for',
      );
      return 0;
    });
    if (did === 0) await deps.world.sleep(LIMITS.inbox.straysEveryMs, signal);
  }
}

/** Gives how many. */
export async function setStraysAside(deps: FlowDeps, configured: readonly string[]): Promise<number> {
  const now = deps.world.now();
  const { unclaimedMs, leaseMs, batch } = LIMITS.inbox;
  const values = [configured, iso(now - unclaimedMs), iso(now + leaseMs), batch];
  const rows = await query<DueDelivery>(deps.pool, CLAIM_STRAYS, values);
  for (const row of rows) {
    const why = `${row.provider} is not configured, or has no webhooks`;
    await defer(deps, { row, state: 'set_aside', type: 'webhook_unreadable', why });
  }
  return rows.length;
}
