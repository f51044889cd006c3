/** What deliveries would change if they were processed again: each decided on what those before it would leave. */

import { query } from '../../db/pool.ts';
import { READ_INBOX, type StoredDelivery } from '../../db/statements/inbox.ts';
import { type FlowDeps, readerOf } from '../../flow/deps.ts';
import type { Loaded } from '../../flow/stream.ts';
import { LIMITS } from '../../ops/limits.ts';
import { type Applied, wouldApply } from './apply.ts';

export type Would = { id: string; result: Applied };

export type Summary = {
  /** Of a large set only the first are looked at. */
  looked_at: number;
  of: number;
  would_change: number;
  would_change_nothing: number;
  ignored: number;
  parked: number;
  set_aside: number;
  /** How many of each type. */
  events: Record<string, number>;
  exceptions: Record<string, number>;
};

/** `ids` as the database has them, in their order. Writes nothing. */
export async function wouldOf(deps: FlowDeps, ids: readonly string[]): Promise<Would[]> {
  const would: Would[] = [];
  const ahead = new Map<string, Loaded>();
  for (let from = 0; from < Math.min(ids.length, LIMITS.inbox.dryRun); from += LIMITS.inbox.batch) {
    const page = ids.slice(from, Math.min(from + LIMITS.inbox.batch, LIMITS.inbox.dryRun));
    for (const row of await query<StoredDelivery>(deps.pool, READ_INBOX, [page]))
      would.push({ id: row.id, result: await wouldBecome(deps, row, ahead) });
  }
  return would;
}

async function wouldBecome(
  deps: FlowDeps,
  row: StoredDelivery,
  ahead: Map<string, Loaded>,
): Promise<Applied> {
  const connector = readerOf(deps, row.provider, row.account);
  if (!connector) return { kind: 'set_aside', why: `${row.provider}/${row.account} is not configured` };
  return wouldApply(deps, connector, row, ahead);
}

export function summaryOf(would: readonly Would[], of: number): Summary {
  const applied = would.flatMap(({ result }) => (result.kind === 'applied' ? [result] : []));
  const changing = applied.filter(({ events }) => events.length > 0);
  const count = (kind: Applied['kind']) => would.filter(({ result }) => result.kind === kind).length;
  return {
    looked_at: would.length,
    of,
    would_change: changing.length,
    would_change_nothing: applied.length - changing.length,
    ignored: count('ignored'),
    parked: count('parked'),
    set_aside: count('set_aside'),
    events: countEach(applied.flatMap(({ events }) => events)),
    exceptions: countEach(applied.flatMap(({ exceptions }) => exceptions)),
  };
}

function countEach(names: string[]): Record<string, number> {
  const groups = Map.groupBy(names, (name) => name);
  return Object.fromEntries([...groups].map(([name, same]) => [name, same.length]));
}
