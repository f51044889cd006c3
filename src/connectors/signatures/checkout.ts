import type { Delivery, Verdict } from '../port.ts';
import { verifyBodyMac } from './body-mac.ts';
import { eventIdOf } from './event-id.ts';
import { requireShape, TEXT_SECRET } from './secret-shape.ts';

/**
 * Checkout.com: `cko-signature`, hexadecimal HMAC-SHA256 of the raw body. The event's id is `evt_…`. No time is
 * signed: an old delivery that somebody kept verifies for ever, and only its id tells that it is a repetition.
 * Throws only for a secret that cannot be one.
 */
export function verifyCheckout(delivery: Delivery, secrets: readonly string[]): Verdict {
  requireShape(secrets, TEXT_SECRET, 'the signature key of the workflow, without blanks');
  const verdict = verifyBodyMac(delivery, { header: 'cko-signature', encoding: 'hex', keys: secrets });
  return verdict.ok ? { ok: true, eventId: eventIdOf(delivery.body) } : verdict;
}
