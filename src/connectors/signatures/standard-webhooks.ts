/**
 * Standard Webhooks, symmetric: `webhook-signature` holds `v1,<base64>` once or several times with blanks
 * between, HMAC-SHA256 over `id.timestamp.body`, the key being the base64 after `whsec_`.
 */

import { createHmac } from 'node:crypto';
import type { Delivery, Verdict } from '../port.ts';
import { isTimely, secondsToMs } from './age.ts';
import { anyMatches } from './any-matches.ts';
import { BOUNDS } from './bounds.ts';
import { refused } from './verdict.ts';

export type StandardMessage = { id: string; timestampSeconds: number; body: Buffer };
export type StandardHeaders = Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>;

/** No full stop: it ends the id in what is signed, so that id and body cannot trade places. */
const ID = /^[\x21-\x2d\x2f-\x7e]{1,255}$/;

/** The event's id is the message's. Throws only for a secret that cannot be one. */
export function verifyStandardWebhook(
  { headers, body }: Delivery,
  secrets: readonly string[],
  nowMs: number,
): Verdict {
  const keys = secrets.map(keyOf);
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': header } = headers;
  if (!header) return refused('signature_missing');
  const sentMs = secondsToMs(timestamp ?? '');
  const given = header.length > BOUNDS.headerChars ? [] : header.split(' ');
  if (!id || !ID.test(id) || !timestamp || sentMs === null) return refused('malformed');
  if (given.length === 0 || given.length > BOUNDS.signatures) return refused('malformed');
  const expected = keys.map((key) => signatureOf(key, id, timestamp, body));
  if (!anyMatches(given, expected)) return refused('signature_wrong');
  return isTimely(sentMs, nowMs) ? { ok: true, eventId: id } : refused('too_old');
}

/**
 * The three headers, one signature a secret: while a secret is rotated, the old one goes first or last alike.
 * Throws for what could not be verified: no secret, an id with a full stop, a time that is no whole second.
 */
export function signStandardWebhook(message: StandardMessage, secrets: readonly string[]): StandardHeaders {
  const { id, body } = message;
  const timestamp = String(message.timestampSeconds);
  if (!ID.test(id)) throw new Error('a webhook id is 1 to 255 printable characters without a full stop');
  if (secondsToMs(timestamp) === null) throw new Error('a webhook timestamp is in whole seconds');
  if (secrets.length === 0 || secrets.length > BOUNDS.signatures)
    throw new Error(`a webhook is signed with 1 to ${BOUNDS.signatures} secrets`);
  const signatures = secrets.map((secret) => signatureOf(keyOf(secret), id, timestamp, body));
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

function signatureOf(key: Buffer, id: string, timestamp: string, body: Buffer): string {
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body);
  return `v1,${mac.digest('base64')}`;
}

function keyOf(secret: string): Buffer {
  const key = Buffer.from(/^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1] ?? '', 'base64');
  if (key.length < 24 || key.length > 64)
    throw new Error('a webhook secret is not usable: it must be whsec_ and the base64 of 24 to 64 bytes');
  return key;
}
