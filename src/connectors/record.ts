/**
 * What is kept of a request or an answer, for people who look into an operation: the fields that a connector names,
 * and nothing else. A field that nobody thought of is left out, so no card number or secret gets in by a new one.
 */

import type { Exchanged } from '../core/outcome.ts';
import { LIMITS } from '../ops/limits.ts';

/** `fields` are paths: `amount`, `payment_method.type`; `items.0.id` for the first of a list. Texts are cut short. */
export function keep(value: unknown, fields: readonly string[]): Exchanged {
  const kept: Record<string, string | number | boolean | null> = {};
  let bytes = 2;
  for (const field of fields) {
    const found = at(value, field);
    if (found === undefined) continue;
    bytes += Buffer.byteLength(JSON.stringify([field, found]));
    if (bytes > LIMITS.provider.recordBytes) break;
    kept[field] = found;
  }
  return bytes === 2 ? null : kept;
}

function at(value: unknown, path: string): string | number | boolean | null | undefined {
  const found = own(value, path) ?? path.split('.').reduce(own, value);
  if (typeof found === 'string') return found.slice(0, LIMITS.provider.recordText);
  const plain = typeof found === 'number' || typeof found === 'boolean' || found === null;
  return plain ? found : undefined;
}

function own(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
