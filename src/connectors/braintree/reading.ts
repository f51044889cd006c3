/** Questions that change nothing: one transaction by its id, or the ids that the search has for an order id. */

import type { ProviderCall } from '../../core/outcome.ts';
import type { Call, Result, Root } from './client.ts';
import { fieldsOf, readTransaction, type Transaction } from './transaction.ts';

export type Ask = (call: Call) => Promise<Result>;

export type Read<T> =
  | { kind: 'read'; value: T; call: ProviderCall }
  | { kind: 'unavailable'; reason: string; call: ProviderCall };

/** More than one transaction of an order id is rare, a duplicate that was refused; this many are looked at. */
const MOST = 10;

export async function readOne(ask: Ask, id: string): Promise<Read<Transaction>> {
  const path = `/transactions/${encodeURIComponent(id)}`;
  const result = await ask({ method: 'GET', path, route: '/transactions/{id}' });
  return readAs(result, (root) => {
    const transaction = readTransaction(root['transaction']);
    return transaction?.id === id ? transaction : null;
  });
}

/** All of them, asked for at once; one that cannot be read makes the whole unavailable. */
export async function readAll(
  ask: Ask,
  ids: readonly string[],
  call: ProviderCall,
): Promise<Read<Transaction[]>> {
  if (ids.length > MOST) return { kind: 'unavailable', reason: 'too many transactions to look at', call };
  const reads = await Promise.all(ids.map((id) => readOne(ask, id)));
  const failed = reads.find((read) => read.kind === 'unavailable');
  if (failed?.kind === 'unavailable') return failed;
  const value = reads.flatMap((read) => (read.kind === 'read' ? [read.value] : []));
  return { kind: 'read', value, call: reads.at(-1)?.call ?? call };
}

/** An empty list is no evidence before the search has caught up: see `consistencyMs`. */
export async function searchIds(ask: Ask, criteria: object): Promise<Read<string[]>> {
  const route = '/transactions/advanced_search_ids';
  return readAs(await ask({ method: 'POST', path: route, route, body: { search: criteria } }), (root) => {
    const { ids } = fieldsOf(root['searchResults']) as { ids?: unknown };
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : null;
  });
}

/** In the provider's own words only: an empty 404 from anything on the way is no evidence. */
export function readAs<T>(result: Result, read: (root: Root) => T | null): Read<T> {
  const { call } = result;
  if (result.kind === 'failed') return { kind: 'unavailable', reason: result.failure.reason, call };
  const { status, root } = result;
  if (status !== 200) return { kind: 'unavailable', reason: reasonOf(status), call };
  const value = root === undefined ? null : read(root);
  return value === null
    ? { kind: 'unavailable', reason: 'unreadable_answer', call }
    : { kind: 'read', value, call };
}

function reasonOf(status: number): string {
  if (status === 429) return 'rate_limited';
  return status >= 500 ? 'server_error' : `http_${status}`;
}
