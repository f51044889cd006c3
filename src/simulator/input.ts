/** Reading what a caller sent: a value of the named shape, or one sentence that says what is wrong. */

import { type Refusal, refuse } from './problems.ts';

export type AdminRequest = { method: string; path: string; query: URLSearchParams; body: unknown };

export type Field<T> = { must: string; is(value: unknown): value is T; fallback?: T };
export type Shape<T> = { [K in keyof T]: Field<T[K]> };

export const MAX_TEXT = 255;
const PRINTABLE = /^[\x20-\x7e]{1,255}$/;

export const text: Field<string> = {
  must: `1 to ${MAX_TEXT} printable ASCII characters`,
  is: (value): value is string => typeof value === 'string' && PRINTABLE.test(value),
};
export const flag: Field<boolean> = { must: 'true or false', is: (value) => typeof value === 'boolean' };
export const currency: Field<string> = {
  must: 'three capital letters',
  is: (value): value is string => typeof value === 'string' && /^[A-Z]{3}$/.test(value),
};
/** http and https only, so that the page of a challenge can never send a browser to a script. */
export const webAddress: Field<string> = {
  must: 'an http or https address of at most 2048 characters',
  is: (value): value is string => typeof value === 'string' && value.length <= 2048 && isWebAddress(value),
};

export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Field<number> {
  const is = (value: unknown): value is number =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
  return { must: `a whole number from ${min} to ${max}`, is };
}

export function oneOf<const T extends string>(...values: readonly T[]): Field<T> {
  return {
    must: `one of ${values.join(', ')}`,
    is: (value): value is T => (values as readonly unknown[]).includes(value),
  };
}

export function optional<T, F>(field: Field<T>, fallback: F): Field<T | F> {
  const is = (value: unknown): value is T | F => value === null || field.is(value);
  return { must: field.must, is, fallback };
}

export const share: Field<number> = {
  must: 'a share from 0 to 1',
  is: (value): value is number => typeof value === 'number' && value >= 0 && value <= 1,
};

/** Reads an object of exactly this shape; unknown fields are refused, since a typo would pass unseen. */
export function read<T extends object>(body: unknown, shape: Shape<T>): T | Refusal {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return refuse('invalid_request', 'The body must be a JSON object.');
  }
  const source = body as Record<string, unknown>;
  const stranger = Object.keys(source).find((name) => !Object.hasOwn(shape, name));
  if (stranger !== undefined) return refuse('invalid_request', `Unknown field ${JSON.stringify(stranger)}.`);
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(shape)) {
    const field = shape[name as keyof T];
    const value = source[name] ?? field.fallback;
    if (!(value === field.fallback && 'fallback' in field) && !field.is(value)) {
      return refuse('invalid_request', `${name} must be ${field.must}.`);
    }
    result[name] = value;
  }
  return result as T;
}

export function isRefusal(value: object): value is Refusal {
  return 'code' in value && 'detail' in value;
}

function isWebAddress(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:');
}
