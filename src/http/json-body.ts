/**
 * Reads a body: one JSON object in UTF-8, its numbers exact, each of its fields once, without card numbers, without
 * text that PostgreSQL cannot store. The usual body is parsed once and looked over once; only one that holds something
 * worth a closer look is looked at piece by piece.
 */

import { isUtf8 } from 'node:buffer';
import { holdsCardNumber } from './card-guard.ts';
import { Refused } from './problems.ts';

/** Escapes can hide anything; digits with a point or exponent, and long ones, may lose precision or be a card's. */
const WORTH_A_LOOK = /\\|\d[.eE]|\d(?:[ -]{0,3}\d){12}|"(?:__proto__|constructor|prototype)"/;
const POLLUTING = new Set(['__proto__', 'constructor', 'prototype']);
const MAX_DEPTH = 16;
/** Every name in the text of a body; inside a string it is now and then none. */
const PERHAPS_NAME = /"\s*:/g;
const PIECE = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}]/g;
const PLAIN_NAME = /^[A-Za-z0-9_.-]{1,64}$/;

/** Undefined for an empty body. Throws Refused; the message names the field, never its value. */
export function readJsonBody(bytes: Buffer): object | undefined {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw new Refused('invalid_json');
  const text = bytes.toString();
  // Beyond ASCII there are other digits, and other dashes and blanks between them.
  const suspicious = text.length < bytes.length || WORTH_A_LOOK.test(text);
  const body = parse(text, suspicious);
  if (suspicious) refuseHarmful(body, '', 0);
  if ((text.match(PERHAPS_NAME)?.length ?? 0) > countNames(body, 0)) refuseRepeated(text);
  if (isObject(body)) return body;
  throw invalidField('', 'wrong_type', 'Send one JSON object.');
}

function parse(text: string, exactly: boolean): unknown {
  try {
    return exactly
      ? JSON.parse(text, exactNumber as (key: string, value: unknown) => unknown)
      : JSON.parse(text);
  } catch {
    throw new Refused('invalid_json');
  }
}

/** What a double cannot hold must not be rounded on the way: as a bigint or NaN no schema takes it. */
function exactNumber(_key: string, value: unknown, { source }: { source: string }): unknown {
  if (typeof value !== 'number' || !Number.isInteger(value)) return value;
  if (/^-?\d+$/.test(source)) return Number.isSafeInteger(value) ? value : BigInt(source);
  return /^-?\d+(?:\.0+)?(?:[eE]\+?\d+)?$/.test(source) ? value : Number.NaN;
}

/** Of a name that comes twice only the last counts here: fewer than the text has. */
function countNames(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  refuseDeep(depth);
  const inner = Object.values(value);
  const own = Array.isArray(value) ? 0 : inner.length;
  return inner.reduce((sum: number, each) => sum + countNames(each, depth + 1), own);
}

/** Readers differ in which of two values counts: of two amounts neither is taken. */
function refuseRepeated(text: string): void {
  const open: Set<string>[] = [];
  const path: string[] = [];
  for (const [piece, quoted, colon] of text.matchAll(PIECE)) {
    if (piece === '{') open.push(new Set());
    if (piece === '}') open.pop();
    if (quoted === undefined || colon === undefined) continue;
    const name = JSON.parse(quoted) as string;
    path.splice(open.length - 1, path.length, name);
    if (open.at(-1)?.has(name)) throw repeated(path);
    open.at(-1)?.add(name);
  }
}

/** A name that is not plainly a name may be anything: it is not told. */
function repeated(path: readonly string[]): Refused {
  for (const name of path) refuseHarmfulText(name, '');
  const odd = path.findIndex((name) => !PLAIN_NAME.test(name));
  const told = odd < 0 ? path : path.slice(0, odd);
  const field = told.map((name) => `/${name}`).join('');
  return invalidField(field, 'duplicate_field', 'Send each field of an object once.');
}

function refuseDeep(depth: number): void {
  if (depth > MAX_DEPTH) throw invalidField('', 'too_deep', `Nest at most ${MAX_DEPTH} levels.`);
}

/** Looks at every key and value, for query strings as well. */
export function refuseHarmful(value: unknown, path: string, depth: number): void {
  refuseDeep(depth);
  if (typeof value === 'string') return refuseHarmfulText(value, path);
  if (typeof value === 'number' || typeof value === 'bigint') return refuseHarmfulText(String(value), path);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    refuseHarmfulText(key, path);
    if (POLLUTING.has(key)) throw invalidField(path, 'unknown_field', 'Leave out the reserved name.');
    refuseHarmful(inner, `${path}/${key.slice(0, 64)}`, depth + 1);
  }
}

export function refuseHarmfulText(text: string, path: string): void {
  if (text.includes('\0') || !text.isWellFormed())
    throw invalidField(path, 'malformed', 'Send text without U+0000 and without half surrogate pairs.');
  if (!holdsCardNumber(text)) return;
  const errors = [{ field: path, code: 'card_number', message: 'This field holds a card number.' }];
  throw new Refused('card_number_refused', { errors });
}

export function invalidField(field: string, code: string, message: string): Refused {
  return new Refused('invalid_request', { errors: [{ field, code, message }] });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
