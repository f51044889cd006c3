/** What moved on the account, as the simulator lists it: entries of the same shape as its webhooks. */

import type { Changes } from '../port.ts';
import { isObject } from './answer.ts';
import type { Result } from './client.ts';

const PAGE = 200;

export function changesCall(after: string | null) {
  const cursor = after === null ? '' : `&after=${encodeURIComponent(after)}`;
  return { path: `/v1/transactions?limit=${PAGE}${cursor}`, route: '/v1/transactions', key: 'synchronize' };
}

type Page = { transactions?: unknown; next_cursor?: unknown; has_more?: unknown };

export function readChanges(result: Result): Changes {
  if (result.kind === 'failed') return { kind: 'unavailable', reason: result.failure.kind };
  if (result.status !== 200 || !isObject(result.json))
    return { kind: 'unavailable', reason: `HTTP ${result.status}` };
  const { transactions, next_cursor, has_more } = result.json as Page;
  if (!Array.isArray(transactions) || typeof next_cursor !== 'string')
    return { kind: 'unavailable', reason: 'the list was unreadable' };
  const entries = transactions.flatMap((entry: unknown) => {
    const id = isObject(entry) ? entry.id : undefined;
    return typeof id === 'string' ? [{ eventId: id, body: Buffer.from(JSON.stringify(entry)) }] : [];
  });
  return { kind: 'page', entries, next: next_cursor, more: has_more === true };
}
