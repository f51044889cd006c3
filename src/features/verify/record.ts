/**
 * One digest as text: a signed header line, then one line for each stream that it attests.
 *
 *   {"digest":17,"series":1,"taken_at":"…","system":"…","horizon":"812","from":…,"to":…,"streams":2,
 *    "streams_sha256":"…","previous":"…","signature":"…"}
 *   ["pay_…",5,"<hash of event 5, base64url>"]
 *
 * The signature covers the header, the header the streams and the digest before: nothing of a series can be
 * changed, removed or inserted without the key, and nothing with it while a later digest is kept elsewhere.
 */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { isId } from '../../core/ids.ts';

/** Up to where streams are attested: a payment, in the walk that begins a series; then a place in the events. */
export type Cursor = { payment: string | null } | { xid: string; position: number };

export type Header = {
  /** 1, 2, 3 … without a gap, through all series. */
  digest: number;
  /** A new one begins with a walk over all payments: at first, and after the database was restored. */
  series: number;
  taken_at: string;
  /** System identifier of the PostgreSQL cluster. */
  system: string;
  /** No transaction below it was open any more. */
  horizon: string;
  from: Cursor;
  to: Cursor;
  streams: number;
  streams_sha256: string;
  /** SHA-256 of the header line of the digest before; zeros for the first. */
  previous: string;
};

export type Signed = Header & { signature: string };

/** A stream as attested: its version, and the hash of the event at it. */
export type Head = { payment: string; version: number; hash: Buffer };

export const NO_DIGEST = '0'.repeat(64);
export const START: Cursor = { payment: null };

/** What the digest is signed with: not the very key of the events, though made from it. */
export function digestKey(chainKey: Buffer): Buffer {
  return createHmac('sha256', chainKey).update('truepenny digest').digest();
}

export function bodyOf(heads: Head[]): string {
  return heads
    .map((h) => `${JSON.stringify([h.payment, h.version, h.hash.toString('base64url')])}\n`)
    .join('');
}

export function sign(header: Header, key: Buffer): Signed {
  return { ...header, signature: signatureOf(header, key).toString('hex') };
}

export function isSigned({ signature, ...header }: Signed, key: Buffer): boolean {
  const given = Buffer.from(signature, 'hex');
  const right = signatureOf(header, key);
  return given.length === right.length && timingSafeEqual(given, right);
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Null for anything that is no header: what is read here may have been written by anybody. */
export function parseHeader(line: string): Signed | null {
  const json = parseJson(line) as Partial<Signed> | null;
  if (json === null || typeof json !== 'object') return null;
  const texts = [json.taken_at, json.system, json.streams_sha256, json.previous, json.signature];
  const numbers = [json.digest, json.series, json.streams];
  const sound =
    texts.every((t) => typeof t === 'string') &&
    numbers.every((n) => Number.isSafeInteger(n)) &&
    isXid(json.horizon) &&
    isCursor(json.from) &&
    isCursor(json.to);
  return sound ? (json as Signed) : null;
}

export function parseHead(line: string): Head | null {
  const json = parseJson(line);
  if (!Array.isArray(json) || json.length !== 3) return null;
  const [payment, version, hash] = json as unknown[];
  if (typeof payment !== 'string' || !isId('payment', payment) || typeof hash !== 'string') return null;
  if (!Number.isInteger(version) || (version as number) < 1 || (version as number) > 0x7fff_ffff) return null;
  return { payment, version: version as number, hash: Buffer.from(hash, 'base64url') };
}

function signatureOf(header: Header, key: Buffer): Buffer {
  return createHmac('sha256', key).update(JSON.stringify(header)).digest();
}

function isCursor(value: unknown): value is Cursor {
  if (typeof value !== 'object' || value === null) return false;
  const { payment, xid, position } = value as Record<string, unknown>;
  if (payment !== undefined)
    return payment === null || (typeof payment === 'string' && isId('payment', payment));
  return isXid(xid) && Number.isSafeInteger(position) && (position as number) >= 0;
}

function isXid(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,19}$/.test(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
