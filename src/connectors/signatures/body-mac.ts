/** What several providers do alike: one header with the HMAC-SHA256 of the raw body, and no time in it. */

import { createHmac } from 'node:crypto';
import type { Delivery, Verdict } from '../port.ts';
import { anyMatches } from './any-matches.ts';
import { BOUNDS } from './bounds.ts';
import { refused } from './verdict.ts';

export type BodyMac = { header: string; encoding: 'hex' | 'base64'; keys: readonly (string | Buffer)[] };

/** `eventId` is null: where the provider has one, its own file adds it. */
export function verifyBodyMac({ headers, body }: Delivery, { header, encoding, keys }: BodyMac): Verdict {
  const given = headers[header];
  if (!given) return refused('signature_missing');
  if (given.length > BOUNDS.headerChars) return refused('malformed');
  const expected = keys.map((key) => createHmac('sha256', key).update(body).digest(encoding));
  return anyMatches([given], expected) ? { ok: true, eventId: null } : refused('signature_wrong');
}
