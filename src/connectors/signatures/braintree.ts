/**
 * Braintree: a form with `bt_payload` (base64 of XML) and `bt_signature` (`<public key>|<hex>` pairs joined by
 * `&`). No time is signed beside the one in the payload, and there is no id of the event.
 */

import type { Delivery, Verdict } from '../port.ts';
import { anyMatches } from './any-matches.ts';
import { BOUNDS } from './bounds.ts';
import { braintreeDigest } from './braintree-digest.ts';
import { readBraintreeSecret } from './braintree-secret.ts';
import { refused } from './verdict.ts';

/** @param secrets each `<public key>|<private key>`; throws only for one that cannot be one. */
export function verifyBraintree({ body }: Delivery, secrets: readonly string[]): Verdict {
  const keys = secrets.map(readBraintreeSecret);
  const form = new URLSearchParams(body.toString('utf8'));
  const [signature, ...signatures] = form.getAll('bt_signature');
  const [payload, ...payloads] = form.getAll('bt_payload');
  if (!signature) return refused('signature_missing');
  // Two of one name would leave open which one is read later.
  if (!payload || payloads.length > 0 || signatures.length > 0) return refused('malformed');
  if (!/^[A-Za-z0-9+/=\n]+$/.test(payload)) return refused('malformed');
  const given = signature.length > BOUNDS.headerChars ? [] : signature.split('&');
  if (given.length === 0 || given.length > BOUNDS.signatures) return refused('malformed');
  const expected = keys.flatMap(({ publicKey, privateKey }) =>
    // Braintree's own library too tries the line's end that some servers cut off.
    [payload, `${payload}\n`].map((text) => `${publicKey}|${braintreeDigest(privateKey, text)}`),
  );
  return anyMatches(given, expected) ? { ok: true, eventId: null } : refused('signature_wrong');
}
