import type { Delivery, Verdict } from '../port.ts';
import { verifyBodyMac } from './body-mac.ts';
import { HEX_SECRET, requireShape } from './secret-shape.ts';

/**
 * Adyen's platform events (balance platform, transfers, management, tokens): `hmacsignature`, base64 HMAC-SHA256
 * of the raw body, key in hexadecimal; no time, no id of the event. Throws only for a secret that cannot be one.
 */
export function verifyAdyenPlatform(delivery: Delivery, secrets: readonly string[]): Verdict {
  requireShape(secrets, HEX_SECRET, 'the HMAC key of the webhook, 64 hexadecimal digits');
  const keys = secrets.map((secret) => Buffer.from(secret, 'hex'));
  return verifyBodyMac(delivery, { header: 'hmacsignature', encoding: 'base64', keys });
}
