import type { Delivery, Verdict } from '../port.ts';
import { verifyBodyMac } from './body-mac.ts';
import { requireShape, TEXT_SECRET } from './secret-shape.ts';

/**
 * Razorpay: `x-razorpay-signature`, hexadecimal HMAC-SHA256 of the raw body, no time. Its event id stands in a
 * header that is not signed: whoever repeats a delivery could give it the id of another, which would then be
 * taken for the repetition. So there is none here. Throws only for a secret that cannot be one.
 */
export function verifyRazorpay(delivery: Delivery, secrets: readonly string[]): Verdict {
  requireShape(secrets, TEXT_SECRET, 'the secret of the webhook, without blanks');
  return verifyBodyMac(delivery, { header: 'x-razorpay-signature', encoding: 'hex', keys: secrets });
}
