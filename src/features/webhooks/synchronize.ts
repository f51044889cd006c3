/**
 * Reads, now and then, what a provider lists as moved on an account, and puts it into the inbox beside what came by
 * webhook: what was told already is a repetition, what was lost on the way comes to light within a minute, and what
 * nobody here asked for becomes an exception like any other fact.
 */

import type { Connector } from '../../connectors/port.ts';
import { query } from '../../db/pool.ts';
import { ADVANCE_SYNC, CLAIM_SYNC, SYNC_AGES, type SyncAge } from '../../db/statements/syncs.ts';
import { type FlowDeps, iso, readerOf } from '../../flow/deps.ts';
import { LIMITS } from '../../ops/limits.ts';
import { newTrace } from '../../ops/trace.ts';
import type { Inbox } from './receive.ts';

/** Runs until the signal aborts. */
export async function runSynchronizer(deps: FlowDeps, inbox: Inbox, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const { provider, account } of deps.accounts.values()) {
      const connector = readerOf(deps, provider, account);
      if (connector === null) continue;
      await synchronizeOnce(deps, inbox, connector, account).catch((error: unknown) =>
        deps.log.warn(
          { err: error, provider, account },
          'an account could not be synchronised; it is tried again',
        ),
      );
    }
    await deps.world.sleep(LIMITS.synchronize.pollMs, signal);
  }
}

/** For the process that serves `/metrics`: a warning in a worker's log may go unread for weeks. */
export async function observeAccounts(deps: FlowDeps): Promise<void> {
  const ages = await query<SyncAge>(deps.pool, SYNC_AGES, [iso(deps.world.now())]);
  deps.metrics.accountSyncAgeSeconds.reset();
  for (const { provider, account, age_seconds } of ages) {
    if (readerOf(deps, provider, account)?.listChanges)
      deps.metrics.accountSyncAgeSeconds.set({ provider, account }, age_seconds);
  }
}

/** Gives how many entries were new here; null when it is not due. */
export async function synchronizeOnce(
  deps: FlowDeps,
  inbox: Inbox,
  connector: Connector,
  account = 'default',
): Promise<number | null> {
  if (connector.listChanges === null) return null;
  const now = deps.world.now();
  const dueAt = iso(now + LIMITS.synchronize.everyMs);
  const claim = [connector.name, account, iso(now), dueAt];
  const [claimed] = await query<{ cursor: string | null }>(deps.pool, CLAIM_SYNC, claim);
  if (!claimed) return null;
  let { cursor } = claimed;
  let fresh = 0;
  for (let page = 0; page < LIMITS.synchronize.pages; page++) {
    const changes = await connector.listChanges(cursor, newTrace(deps.world));
    if (changes.kind === 'unavailable') {
      deps.log.warn(
        { provider: connector.name, reason: changes.reason },
        'the provider did not list what moved',
      );
      return fresh;
    }
    const taken = await Promise.all(
      changes.entries.map((entry) => inbox.take(connector.name, account, entry)),
    );
    // The cursor moves only over what is stored: what found no room is read again.
    if (taken.some(({ kind }) => kind === 'overloaded')) return fresh;
    fresh += taken.filter(({ kind }) => kind === 'stored').length;
    cursor = changes.next;
    await query(deps.pool, ADVANCE_SYNC, [connector.name, account, cursor, iso(deps.world.now())]);
    if (!changes.more) break;
  }
  if (fresh > 0)
    deps.log.info({ provider: connector.name, entries: fresh }, 'the account told what no webhook had');
  return fresh;
}
