import type { Result } from './client.ts';
import { textAt } from './json.ts';

/** By PayPal's own word and clock; null where it did not speak of this authorization. */
export function readExpiry(authorization: string, result: Result): boolean | null {
  if (result.kind === 'failed' || result.status !== 200) return null;
  const { json, date } = result;
  const status = textAt(json, 'status');
  if (textAt(json, 'id') !== authorization || status === null) return null;
  const expiresMs = Date.parse(textAt(json, 'expiration_time') ?? '');
  const nowMs = Date.parse(date ?? '');
  if (Number.isNaN(expiresMs) || Number.isNaN(nowMs)) return false;
  return status !== 'CAPTURED' && status !== 'DENIED' && expiresMs <= nowMs;
}
