/** Which deliveries: by id, by payment, by provider and window, by state; and looking at them. */

import { fromUuid, idTimeMs, toUuid } from '../../core/ids.ts';
import { type Pool, query } from '../../db/pool.ts';
import { type InboxRow, LIST_INBOX } from '../../db/statements/inbox.ts';
import { SELECT_SCOPE } from '../../db/statements/replays.ts';
import { LIMITS } from '../../ops/limits.ts';

export const STATES = ['received', 'parked', 'set_aside', 'applied', 'ignored'] as const;

/** What is left out does not narrow; times are ISO 8601, `to` not included. */
export type Selection = {
  /** `whk_…` */
  ids?: readonly string[];
  payment?: string;
  provider?: string;
  from?: string;
  to?: string;
  state?: (typeof STATES)[number];
};

const LEAST = '00000000-0000-0000-0000-000000000000';
const GREATEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Oldest first; `after` is the last id of the page before. */
export function listInbox(
  pool: Pool,
  selection: Selection,
  page: { after: string | null; limit: number },
): Promise<InboxRow[]> {
  const after = page.after === null ? null : toUuid(page.after);
  return query<InboxRow>(pool, LIST_INBOX, [...valuesOf(selection), after, page.limit]);
}

/** The ids in the database, oldest first; one more than may be in a replay where there are more. */
export async function scopeOf(pool: Pool, selection: Selection): Promise<string[]> {
  const values = [...valuesOf(selection), LIMITS.inbox.replayOverridden + 1];
  return (await query<{ id: string }>(pool, SELECT_SCOPE, values)).map(({ id }) => id);
}

/** As the statements take it. No delivery of a payment is older than that by more than it may have been parked. */
function valuesOf({ ids, payment, provider, from, to, state }: Selection): unknown[] {
  const uuids = ids?.map(toUuid).sort() ?? null;
  const least = [LEAST, uuids?.[0] ?? LEAST];
  if (from !== undefined) least.push(uuidOfTime(Date.parse(from)));
  if (payment !== undefined) least.push(uuidOfTime(idTimeMs(payment) - LIMITS.inbox.parkedMs));
  const greatest = [GREATEST, uuids?.at(-1) ?? GREATEST];
  if (to !== undefined) greatest.push(uuidOfTime(Date.parse(to)));
  return [
    uuids,
    payment === undefined ? null : toUuid(payment),
    provider ?? null,
    least.sort().at(-1),
    greatest.sort()[0],
    state ?? null,
  ];
}

/** The least id of that millisecond. */
function uuidOfTime(ms: number): string {
  const hex = Math.max(0, ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-0000-0000-000000000000`;
}

/** `whk_…` outside, a UUID in the database. */
export function inboxId(uuid: string): string {
  return fromUuid('webhook', uuid);
}
