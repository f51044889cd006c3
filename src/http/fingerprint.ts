/** The fingerprint of a request, for telling a repetition from another request; see `core/fingerprint.ts`. */

import { hash } from 'node:crypto';

/** `path` is the route with its ids filled in, without a query. Fields as they were sent: no defaults. */
export function fingerprint(method: string, path: string, body: object): string {
  const fields = Object.entries(body)
    .map(([name, value]) => `${name} ${digest(value)}`)
    .sort();
  return [method, path, ...fields].join('\n');
}

/** Numbers and booleans as they are: they tell of nobody, and hashing costs more than they do. */
function digest(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return `sha256:${hash('sha256', canonicalJson(value), 'base64url').slice(0, 22)}`;
}

/** JSON with the keys of every object sorted, so that their order does not count. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`;
}
