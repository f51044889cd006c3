/** What Stripe can do, and promises to. Sources: https://docs.stripe.com/api, as of the version in `connector.ts`. */

import { LIMITS } from '../../ops/limits.ts';
import { type Capabilities, everyKind } from '../capabilities.ts';
import { STRIPE_CURRENCIES } from './amounts.ts';
import type { StripeSettings } from './authorize.ts';

const DAY_MS = 24 * 3600_000;
/** Stripe gives a request up after 80 s: one that was cut off here may still be at work so long, and a little more. */
export const REQUEST_MS = 90_000;
const CARDS = ['card', 'apple_pay', 'google_pay'] as const satisfies Capabilities['methods'];

export function stripeCapabilities({ multicapture }: StripeSettings): Capabilities {
  return {
    methods: [...CARDS, 'sepa_debit', 'ach_debit', 'bacs_debit', 'ideal'],
    currencies: STRIPE_CURRENCIES,
    manualCapture: CARDS,
    partialCapture: true,
    multipleCaptures: multicapture,
    void: true,
    voidRemainder: multicapture,
    partialRefund: true,
    multipleRefunds: true,
    refundAcrossCaptures: true,
    threeDs: true,
    storedMethods: true,
    merchantInitiated: true,
    lookUp: {
      authorize: {
        kind: 'offered',
        by: "the operation's id in the metadata: the list, or the search",
        consistencyMs: REQUEST_MS,
      },
      // These are read from objects that are up to date at once; a repetition under the same key is always safe.
      complete: { kind: 'offered', by: 'the PaymentIntent', consistencyMs: 0 },
      capture: { kind: 'offered', by: "the PaymentIntent's metadata", consistencyMs: 0 },
      void: { kind: 'offered', by: 'the PaymentIntent', consistencyMs: 0 },
      refund: { kind: 'offered', by: "the payment's refunds", consistencyMs: 0 },
    },
    idempotency: { keyLength: 255, windowMs: everyKind(DAY_MS) },
    // Debits and iDEAL take days or a redirect; a refund of theirs, too.
    asynchronous: ['authorize', 'complete', 'refund'],
    captured: 'at_capture_answer',
    webhooks: { ordered: false, delivery: 'at_least_once', signatureCovers: 'whole_body' },
    payouts: false,
    settlementDelayDays: 7,
    requestsPerSecond: 100,
    authorizationValidityMs: 7 * DAY_MS,
    timeoutMs: LIMITS.provider.timeoutMs,
  };
}
