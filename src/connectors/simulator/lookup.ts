import type { LookUpResult, ProviderRequest } from '../port.ts';
import { isObject, readOperation, textOf } from './answer.ts';
import type { Result } from './client.ts';

/** What became of an operation, asked by its id; the reference is for the provider's log. */
export function lookUpCall({ operation, reference }: ProviderRequest) {
  const path = `/v1/operations/${encodeURIComponent(operation)}?reference=${encodeURIComponent(reference)}`;
  return { path, route: '/v1/operations/{id}' };
}

/** "Not found" only in the provider's own words: a 404 from anything on the way is no evidence. */
export function readLookUp(request: ProviderRequest, result: Result): LookUpResult {
  const { call } = result;
  if (result.kind === 'failed') return { kind: 'unavailable', reason: result.failure.reason, call };
  const { status, json } = result;
  if (status === 429) return { kind: 'unavailable', reason: 'rate_limited', call };
  if (status >= 500) return { kind: 'unavailable', reason: 'server_error', call };
  if (!isObject(json)) return { kind: 'unavailable', reason: 'unreadable_answer', call };
  if (status === 404 && textOf(json, 'code') === 'not_found') return { kind: 'not_found', call };
  if (status !== 200) return { kind: 'unavailable', reason: textOf(json, 'code') ?? `http_${status}`, call };
  const outcome = readOperation(request, json);
  return outcome.kind === 'unknown'
    ? { kind: 'unavailable', reason: outcome.reason, call }
    : { kind: 'found', outcome, call };
}
