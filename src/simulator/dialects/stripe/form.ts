/** Form bodies and queries as Stripe reads them: `a[b][c]=1` nests, `a[0]=1` and `a[]=1` list. */

import { MAX_TEXT } from '../../input.ts';

/** Without a prototype: a name that a caller chose reaches nothing else. */
export type Params = { [name: string]: string | Params };

const MAX_FIELDS = 500;
const MAX_DEPTH = 5;
const MAX_VALUE = 5_000;

/** Null for what is too large or too deep. */
export function parseForm(source: URLSearchParams): Params | null {
  const params = blank();
  let fields = 0;
  for (const [name, value] of source) {
    fields += 1;
    const path = pathOf(name);
    if (fields > MAX_FIELDS || path.length > MAX_DEPTH || value.length > MAX_VALUE) return null;
    put(params, path, value, fields);
  }
  return params;
}

export function textOf(params: Params, name: string): string | null {
  const value = params[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

export function groupOf(params: Params, name: string): Params {
  const value = params[name];
  return typeof value === 'object' ? value : blank();
}

/** The texts of a list, in the order of their numbers. */
export function listOf(params: Params, name: string): string[] {
  return Object.values(groupOf(params, name)).filter((value) => typeof value === 'string');
}

export function flagOf(params: Params, name: string): boolean {
  return textOf(params, name) === 'true';
}

/** Metadata: texts only, within Stripe's own bounds. An empty value unsets, so it is kept as it came. */
export function metadataOf(params: Params): Record<string, string> {
  const entries = Object.entries(groupOf(params, 'metadata')).filter(
    ([, value]) => typeof value === 'string',
  );
  return Object.fromEntries(entries.slice(0, 50).map(([name, value]) => [name, String(value).slice(0, 500)]));
}

/** Named in metadata by whoever calls: our own words for a payment, an attempt, an operation. */
export function toldIn(metadata: Record<string, string>, name: string): string | null {
  const value = metadata[name];
  return value !== undefined && /^[\x21-\x7e]+$/.test(value) && value.length <= MAX_TEXT ? value : null;
}

function pathOf(name: string): string[] {
  return name.replaceAll(']', '').split('[');
}

function put(params: Params, path: string[], value: string, counter: number): void {
  let at = params;
  for (const part of path.slice(0, -1)) {
    const known = at[part];
    const next = typeof known === 'object' ? known : blank();
    at[part] = next;
    at = next;
  }
  at[path.at(-1) || String(counter)] = value;
}

function blank(): Params {
  return Object.create(null);
}
