/**
 * Adyen's standard webhooks: each item carries `additionalData.hmacSignature`, base64 HMAC-SHA256 over eight of
 * its fields joined by colons, an absent one being empty, nothing escaped; the key is given in hexadecimal.
 *
 * Nothing else is signed, not even `live`, `reason`, `paymentMethod` or the times: decide nothing from those
 * without asking Adyen. No time is signed either, and there is no id of the event.
 */

import { createHmac } from 'node:crypto';
import type { Delivery, Verdict } from '../port.ts';
import { anyMatches } from './any-matches.ts';
import { BOUNDS } from './bounds.ts';
import { readJson } from './json.ts';
import { HEX_SECRET, requireShape } from './secret-shape.ts';
import { refused } from './verdict.ts';

/** Whatever came; each field is checked where it is read. */
type Json = { readonly [name: string]: unknown } | null | undefined;
type Signed = { text: string; signature: string };

/** Every item must be rightly signed. Throws only for a secret that cannot be one. */
export function verifyAdyen({ body }: Delivery, secrets: readonly string[]): Verdict {
  requireShape(secrets, HEX_SECRET, 'the HMAC key of the webhook, 64 hexadecimal digits');
  const keys = secrets.map((secret) => Buffer.from(secret, 'hex'));
  const items = itemsOf(body)?.map(readItem);
  if (!items || items.length === 0 || items.length > BOUNDS.items) return refused('malformed');
  for (const item of items) {
    if (typeof item === 'string') return refused(item);
    const expected = keys.map((key) => createHmac('sha256', key).update(item.text).digest('base64'));
    if (!anyMatches([item.signature], expected)) return refused('signature_wrong');
  }
  return { ok: true, eventId: null };
}

function itemsOf(body: Buffer): Json[] | null {
  const items = (readJson(body) as Json)?.['notificationItems'];
  if (!Array.isArray(items)) return null;
  return items.map((item: Json) => item?.['NotificationRequestItem'] as Json);
}

function readItem(item: Json): Signed | 'signature_missing' | 'malformed' {
  const amount = item?.['amount'] as Json;
  const before = [item?.['pspReference'], item?.['originalReference'], item?.['merchantAccountCode']];
  const after = [amount?.['value'], amount?.['currency'], item?.['eventCode'], item?.['success']];
  // A colon is allowed in our own reference only: elsewhere one could be moved to shift text between fields.
  const fields = [...before.map(plain), textOf(item?.['merchantReference']), ...after.map(plain)];
  if (!item || fields.includes(null)) return 'malformed';
  const signature = (item['additionalData'] as Json)?.['hmacSignature'];
  if (!signature) return 'signature_missing';
  return typeof signature === 'string' ? { text: fields.join(':'), signature } : 'malformed';
}

function plain(value: unknown): string | null {
  const text = textOf(value);
  return text?.includes(':') ? null : text;
}

/** Adyen's libraries sign `1000` and `"1000"`, `true` and `"true"` alike. */
function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return '';
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : null;
}
