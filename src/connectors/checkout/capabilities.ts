/** What Checkout.com offers and guarantees. Source: checkout.com/docs; idempotency, webhooks, manage payments. */

import { LIMITS } from '../../ops/limits.ts';
import { type Capabilities, everyKind } from '../capabilities.ts';
import { CHECKOUT_CURRENCIES } from './amounts.ts';

const DAY_MS = 24 * 3600_000;
/** Not published. A request that was cut off may be at work still; "at least 30 seconds", they say, before another. */
const CONSISTENCY_MS = 90_000;
const CARDS = ['card', 'apple_pay', 'google_pay'] as const satisfies Capabilities['methods'];

export const CHECKOUT_CAPABILITIES: Capabilities = {
  methods: CARDS,
  currencies: CHECKOUT_CURRENCIES,
  manualCapture: CARDS,
  partialCapture: true,
  // `capture_type` `NonFinal` is for accounts that have it; a capture from here is the final one.
  multipleCaptures: false,
  void: true,
  voidRemainder: false,
  partialRefund: true,
  multipleRefunds: true,
  refundAcrossCaptures: true,
  threeDs: true,
  storedMethods: true,
  merchantInitiated: true,
  lookUp: {
    ...everyKind({ kind: 'offered', by: "the payment's actions", consistencyMs: CONSISTENCY_MS }),
    authorize: { kind: 'offered', by: 'our reference', consistencyMs: CONSISTENCY_MS },
    complete: { kind: 'offered', by: 'the payment', consistencyMs: 0 },
  },
  // Only 2xx answers are kept for a key, so an error is looked up first and its key sent again only after that.
  idempotency: { keyLength: 255, windowMs: everyKind(DAY_MS) },
  asynchronous: ['authorize', 'complete', 'capture', 'void', 'refund'],
  captured: 'at_webhook',
  webhooks: { ordered: false, delivery: 'at_least_once', signatureCovers: 'whole_body' },
  payouts: false,
  settlementDelayDays: null,
  requestsPerSecond: null,
  authorizationValidityMs: 7 * DAY_MS,
  timeoutMs: LIMITS.provider.timeoutMs,
};
