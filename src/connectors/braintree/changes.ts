/**
 * What moved on the account, from the search: Braintree lists by when something happened to a transaction, one kind
 * of happening at a time, so a round asks for each kind within the same window. A window that ends now is overlapped by
 * the next one by as much as the search may be behind; what is told twice has the same id and is taken once.
 */

import type { Changes } from '../port.ts';
import { SEARCH_DELAY_MS } from './capabilities.ts';
import type { Root } from './client.ts';
import { type Ask, readAs, searchIds } from './reading.ts';
import { fieldsOf, kept, readTransaction } from './transaction.ts';

/** A transaction in full is some 8 KB of XML: so many fit well into what is read of one answer. */
const PAGE = 20;
/** After an outage it goes on day by day. */
const WINDOW_MS = 24 * 3600_000;
/**
 * A window that finds as many is halved: each page asks for all ids of the window anew, and of more than 20,000 the
 * search gives so many without saying that there are more (Braintree, "Search results").
 */
const CROWDED_IDS = 1_000;
/** No window is made narrower: in a minute nobody moves 20,000. */
const NARROWEST_MS = 60_000;
/** Of an account that is new. */
const FIRST_WINDOW_MS = 3600_000;
/** A settlement is declined within days of its submission; for this there is no date to search by. */
const DECLINED_WITHIN_MS = 30 * 24 * 3600_000;

type Window = { min: string; max: string };

const KINDS: readonly ((window: Window) => object)[] = [
  (window) => ({ created_at: window }),
  (window) => ({ submitted_for_settlement_at: window }),
  (window) => ({ settled_at: window }),
  (window) => ({ voided_at: window }),
  (window) => ({ authorization_expired_at: window }),
  ({ min, max }) => ({
    status: ['settlement_declined'],
    created_at: { min: before(min, DECLINED_WITHIN_MS), max },
  }),
];

/** Where a round stands: `kind` counts through the kinds, `offset` through what one of them found. */
type Cursor = Window & { kind: number; offset: number };

export async function listChanges(ask: Ask, after: string | null, nowMs: number): Promise<Changes> {
  if (after === null) return beginning(nowMs);
  const cursor = cursorOf(after, nowMs);
  const criteria = KINDS[cursor.kind]?.(cursor) ?? {};
  const ids = await searchIds(ask, criteria);
  if (ids.kind === 'unavailable') return ids;
  const halved = ids.value.length < CROWDED_IDS ? null : firstHalf(cursor);
  if (halved !== null) return { kind: 'page', entries: [], next: textOf(halved), more: true };
  const wanted = ids.value.slice(cursor.offset, cursor.offset + PAGE);
  const listed = wanted.length === 0 ? [] : await readPage(ask, wanted);
  if (!Array.isArray(listed)) return listed;
  const isBehind = Date.parse(cursor.max) + SEARCH_DELAY_MS < nowMs;
  const next = following(cursor, ids.value.length, isBehind);
  const more = next.kind + next.offset > 0 || isBehind;
  return { kind: 'page', entries: listed.flatMap(entryOf), next: textOf(next), more };
}

/**
 * An account that is new begins an hour back: what is older is for the settlement report. It is kept before anything is
 * asked: an hour before the first answer would be later for as long as there is none.
 */
function beginning(nowMs: number): Changes {
  const min = before(new Date(nowMs).toISOString(), FIRST_WINDOW_MS);
  return { kind: 'page', entries: [], next: textOf({ min, max: '', kind: 0, offset: 0 }), more: true };
}

async function readPage(
  ask: Ask,
  ids: readonly string[],
): Promise<unknown[] | Extract<Changes, { kind: 'unavailable' }>> {
  const route = '/transactions/advanced_search';
  const page = readAs(
    await ask({ method: 'POST', path: route, route, body: { search: { ids } } }),
    transactionsIn,
  );
  return page.kind === 'read' ? page.value : { kind: 'unavailable', reason: page.reason };
}

function transactionsIn(root: Root): unknown[] | null {
  const page = root['creditCardTransactions'];
  if (typeof page !== 'object' || page === null || Array.isArray(page)) return null;
  return [page['transaction'] ?? []].flat();
}

/** Only what is read again of it: a transaction also tells who the customer is. */
function entryOf(value: unknown): { eventId: string; body: Buffer }[] {
  const transaction = kept(value);
  const read = readTransaction(transaction);
  const { id } = fieldsOf(transaction);
  if (typeof id !== 'string') return [];
  const state = read === null ? 'unreadable' : `${read.status}/${read.amount}`;
  return [{ eventId: `listed/${id}/${state}`, body: Buffer.from(JSON.stringify({ listed: transaction })) }];
}

/** Of a window that lies further back than the search may be behind nothing is to come any more. */
function following(cursor: Cursor, total: number, isBehind: boolean): Cursor {
  const offset = cursor.offset + PAGE;
  if (offset < total) return { ...cursor, offset };
  const kind = cursor.kind + 1;
  if (kind < KINDS.length) return { ...cursor, kind, offset: 0 };
  const overlapping = before(cursor.max, SEARCH_DELAY_MS);
  // A window that was halved may be narrower than the overlap: it must not lead back.
  const min = isBehind ? cursor.max : overlapping > cursor.min ? overlapping : cursor.min;
  return { min, max: '', kind: 0, offset: 0 };
}

/**
 * The window from its beginning to its middle, with every kind once more: what was told already is taken once. Declined
 * settlements are those of thirty days in any case: no narrower window has fewer.
 */
function firstHalf({ min, max, kind }: Cursor): Cursor | null {
  const widthMs = Date.parse(max) - Date.parse(min);
  if (widthMs <= NARROWEST_MS || kind === KINDS.length - 1) return null;
  return { min, max: before(max, widthMs / 2), kind: 0, offset: 0 };
}

function cursorOf(text: string, nowMs: number): Cursor {
  const [min = '', max = '', kind = '', offset = ''] = text.split('|');
  const until = Math.min(nowMs, Date.parse(min) + WINDOW_MS);
  return {
    min,
    max: max || new Date(until).toISOString(),
    kind: Number(kind),
    offset: Number(offset),
  };
}

function textOf({ min, max, kind, offset }: Cursor): string {
  return [min, max, kind, offset].join('|');
}

function before(time: string, ms: number): string {
  return new Date(Date.parse(time) - ms).toISOString();
}
