/**
 * Stripe: `stripe-signature: t=<seconds>,v1=<hex>[,v1=…]`, HMAC-SHA256 over `t.body`. The key is the secret as
 * it stands, `whsec_` included. Other schemes in the header (`v0`) are for Stripe's own tests and count for nothing.
 */

import { createHmac } from 'node:crypto';
import type { Delivery, Verdict } from '../port.ts';
import { isTimely, secondsToMs } from './age.ts';
import { anyMatches } from './any-matches.ts';
import { BOUNDS } from './bounds.ts';
import { eventIdOf } from './event-id.ts';
import { requireShape, TEXT_SECRET } from './secret-shape.ts';
import { refused } from './verdict.ts';

type Header = { timestamp: string; sentMs: number; signatures: string[] };

/** The event's id is `evt_…`. Throws only for a secret that cannot be one. */
export function verifyStripe(
  { headers, body }: Delivery,
  secrets: readonly string[],
  nowMs: number,
): Verdict {
  requireShape(secrets, TEXT_SECRET, 'the signing secret of the endpoint, whsec_…, without blanks');
  const text = headers['stripe-signature'];
  if (!text) return refused('signature_missing');
  const header = readHeader(text);
  if (header === null) return refused('malformed');
  if (header.signatures.length === 0) return refused('signature_missing');
  const expected = secrets.map((secret) =>
    createHmac('sha256', secret).update(`${header.timestamp}.`).update(body).digest('hex'),
  );
  if (!anyMatches(header.signatures, expected)) return refused('signature_wrong');
  return isTimely(header.sentMs, nowMs) ? { ok: true, eventId: eventIdOf(body) } : refused('too_old');
}

function readHeader(text: string): Header | null {
  const pairs = text.length > BOUNDS.headerChars ? [] : text.split(',');
  if (pairs.length > BOUNDS.signatures) return null;
  const [timestamp, ...others] = valuesOf('t', pairs);
  const sentMs = secondsToMs(timestamp ?? '');
  // Two times would leave open which one was signed.
  if (timestamp === undefined || sentMs === null || others.length > 0) return null;
  return { timestamp, sentMs, signatures: valuesOf('v1', pairs) };
}

function valuesOf(name: string, pairs: readonly string[]): string[] {
  const start = `${name}=`;
  return pairs.filter((pair) => pair.startsWith(start)).map((pair) => pair.slice(start.length));
}
