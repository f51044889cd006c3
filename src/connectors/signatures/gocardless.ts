import type { Delivery, Verdict } from '../port.ts';
import { verifyBodyMac } from './body-mac.ts';
import { requireShape, TEXT_SECRET } from './secret-shape.ts';

/**
 * GoCardless: `webhook-signature`, hexadecimal HMAC-SHA256 of the raw body, no time. A body holds many events,
 * each with an id of its own, so that the delivery as a whole has none. Throws only for a secret that cannot be one.
 */
export function verifyGoCardless(delivery: Delivery, secrets: readonly string[]): Verdict {
  requireShape(secrets, TEXT_SECRET, 'the secret of the webhook endpoint, without blanks');
  return verifyBodyMac(delivery, { header: 'webhook-signature', encoding: 'hex', keys: secrets });
}
