/** What Adyen's Checkout offers and guarantees. Source: docs.adyen.com; API idempotency, webhooks, capture, refund. */

import { LIMITS } from '../../ops/limits.ts';
import { type Capabilities, everyKind } from '../capabilities.ts';
import { ADYEN_CURRENCIES } from './amounts.ts';

const DAY_MS = 24 * 3600_000;
export const KEY_LENGTH = 64;

export const ADYEN_CAPABILITIES: Capabilities = {
  methods: ['card', 'apple_pay', 'google_pay', 'sepa_debit', 'ach_debit', 'bacs_debit', 'ideal'],
  currencies: ADYEN_CURRENCIES,
  manualCapture: ['card', 'apple_pay', 'google_pay'],
  partialCapture: true,
  // Adyen releases what a partial capture leaves, unless it has enabled several for the merchant account.
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
    authorize: { kind: 'none', awaits: 'the AUTHORISATION webhook', cancel: 'by_our_reference' },
    complete: { kind: 'none', awaits: 'the AUTHORISATION webhook' },
    capture: { kind: 'none', awaits: 'the CAPTURE webhook' },
    void: { kind: 'none', awaits: 'the CANCELLATION or TECHNICAL_CANCEL webhook' },
    refund: { kind: 'none', awaits: 'the REFUND webhook' },
  },
  idempotency: { keyLength: KEY_LENGTH, windowMs: everyKind(7 * DAY_MS) },
  asynchronous: ['authorize', 'complete', 'capture', 'void', 'refund'],
  captured: 'at_webhook',
  webhooks: { ordered: false, delivery: 'at_least_once', signatureCovers: 'some_fields' },
  returnParameters: ['redirectResult'],
  payouts: false,
  settlementDelayDays: null,
  requestsPerSecond: null,
  authorizationValidityMs: 7 * DAY_MS,
  timeoutMs: LIMITS.provider.timeoutMs,
};
