/**
 * Looking into the inbox, and having deliveries processed again. A replay goes the way that the delivery went the
 * first time, so what was applied already changes nothing; it is recorded who asked for it, and why.
 */

import { fromUuid, mintUuid, toUuid } from '../../core/ids.ts';
import { query } from '../../db/pool.ts';
import {
  COUNT_INBOX,
  type DueDelivery,
  type InboxRow,
  LIST_INBOX,
  PROCESS_AGAIN,
  READ_INBOX,
  RECORD_REPLAY,
} from '../../db/statements/inbox.ts';
import { type FlowDeps, readerOf } from '../../flow/deps.ts';
import { LIMITS } from '../../ops/limits.ts';
import { type Applied, applyDelivery } from './apply.ts';

/** What is left out does not narrow; times are ISO 8601, `to` not included. */
export type Selection = {
  ids?: readonly string[];
  payment?: string;
  provider?: string;
  from?: string;
  to?: string;
  state?: 'received' | 'parked' | 'set_aside' | 'applied' | 'ignored';
};

export type ReplayRequest = {
  selection: Selection;
  /** A person, and their reason: both are kept. */
  by: string;
  reason: string;
  /** More than `LIMITS.inbox.replay` deliveries at once. */
  override: boolean;
};

export type Replayed = { kind: 'queued'; id: string; deliveries: number } | Refused;
export type Refused = { kind: 'too_many'; deliveries: number; most: number };

export type DryRun = { kind: 'dry_run'; would: { id: string; result: Applied }[] } | Refused;

type Deps = Pick<FlowDeps, 'pool' | 'world'>;

/** Oldest first; `after` is the last id of the page before. */
export function listInbox(
  { pool }: Pick<Deps, 'pool'>,
  selection: Selection,
  page: { after?: string; limit: number },
): Promise<InboxRow[]> {
  return query<InboxRow>(pool, LIST_INBOX, [...valuesOf(selection), page.after ?? null, page.limit]);
}

export async function replay(
  deps: Deps,
  { selection, by, reason, override }: ReplayRequest,
): Promise<Replayed> {
  const refusal = await tooMany(deps, selection, override);
  if (refusal) return refusal;
  const now = deps.world.now();
  const id = mintUuid(now, deps.world.randomBytes(10));
  let deliveries = 0;
  for await (const ids of pagesOf(deps, selection)) {
    // Spread over time: what is processed again must not hold up what comes in.
    const dueAt = now + (deliveries * 1000) / LIMITS.inbox.replayPerSecond;
    const rows = await query(deps.pool, PROCESS_AGAIN, [ids, new Date(dueAt).toISOString()]);
    deliveries += rows.length;
  }
  const values = [id, by, reason, JSON.stringify(selection), deliveries, new Date(now).toISOString()];
  await query(deps.pool, RECORD_REPLAY, values);
  return { kind: 'queued', id, deliveries };
}

/** Decides everything and writes nothing. */
export async function dryRun(deps: FlowDeps, selection: Selection): Promise<DryRun> {
  const refusal = await tooMany(deps, selection, false);
  if (refusal) return refusal;
  const would: { id: string; result: Applied }[] = [];
  for await (const ids of pagesOf(deps, selection)) {
    for (const row of await query<DueDelivery>(deps.pool, READ_INBOX, [ids])) {
      const connector = readerOf(deps, row.provider, row.account);
      const result: Applied = connector
        ? await applyDelivery(deps, connector, row, { dry: true })
        : { kind: 'set_aside', why: `there is no connector for ${row.provider}` };
      would.push({ id: row.id, result });
    }
  }
  return { kind: 'dry_run', would };
}

async function tooMany({ pool }: Deps, selection: Selection, override: boolean): Promise<Refused | null> {
  const [row] = await query<{ count: number }>(pool, COUNT_INBOX, valuesOf(selection));
  const deliveries = row?.count ?? 0;
  const most = LIMITS.inbox.replay;
  return deliveries > most && !override ? { kind: 'too_many', deliveries, most } : null;
}

async function* pagesOf(deps: Deps, selection: Selection): AsyncGenerator<string[]> {
  let after: string | undefined;
  for (;;) {
    const page = { limit: LIMITS.inbox.batch, ...(after === undefined ? {} : { after }) };
    const ids = (await listInbox(deps, selection, page)).map((row) => row.id);
    if (ids.length > 0) yield ids;
    if (ids.length < LIMITS.inbox.batch) return;
    after = ids.at(-1);
  }
}

function valuesOf({ ids, payment, provider, from, to, state }: Selection): unknown[] {
  return [
    ids ?? null,
    payment === undefined ? null : toUuid(payment),
    provider ?? null,
    from ?? null,
    to ?? null,
    state ?? null,
  ];
}

/** `whk_…` outside, a UUID in the database. */
export function inboxId(uuid: string): string {
  return fromUuid('webhook', uuid);
}
