import { isObject } from './answer.ts';
import type { Result } from './client.ts';

export function chargeCall(providerReference: string) {
  const path = `/v1/charges/${encodeURIComponent(providerReference)}`;
  return { path, route: '/v1/charges/{id}', key: providerReference };
}

/** Null unless the provider itself speaks of this very charge: silence is no word on its expiry. */
export function readExpiry(providerReference: string, result: Result): boolean | null {
  if (result.kind === 'failed' || result.status !== 200 || !isObject(result.json)) return null;
  const { id, status } = result.json;
  return id === providerReference && typeof status === 'string' ? status === 'expired' : null;
}
