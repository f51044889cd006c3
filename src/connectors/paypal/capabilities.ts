/** What PayPal can do, and promises to. */

import { LIMITS } from '../../ops/limits.ts';
import { type Capabilities, everyKind } from '../capabilities.ts';
import { PAYPAL_CURRENCIES } from './amounts.ts';

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;
const ORDER_WINDOW_MS = 6 * HOUR_MS;
const PAYMENT_WINDOW_MS = 45 * DAY_MS;
const METHODS = ['card', 'paypal'] as const;
/** PayPal promises nothing about how soon a void is seen: longer than it works on any one request. */
const VOID_SEEN_MS = 5 * 60_000;

const APPROVAL = 'the PAYMENT.AUTHORIZATION.CREATED or PAYMENT.CAPTURE.COMPLETED webhook';
const byOrder = { kind: 'offered', by: 'order id', consistencyMs: 0 } as const;

export const PAYPAL_CAPABILITIES: Capabilities = {
  methods: METHODS,
  currencies: PAYPAL_CURRENCIES,
  manualCapture: METHODS,
  partialCapture: true,
  multipleCaptures: true,
  void: true,
  voidRemainder: true,
  partialRefund: true,
  multipleRefunds: true,
  refundAcrossCaptures: false,
  threeDs: true,
  storedMethods: true,
  merchantInitiated: true,
  lookUp: {
    authorize: { ...byOrder, awaits: APPROVAL },
    complete: byOrder,
    capture: byOrder,
    void: { kind: 'offered', by: 'authorization id', consistencyMs: VOID_SEEN_MS, awaits: APPROVAL },
    refund: byOrder,
  },
  idempotency: {
    keyLength: 108,
    windowMs: {
      authorize: ORDER_WINDOW_MS,
      complete: ORDER_WINDOW_MS,
      capture: PAYMENT_WINDOW_MS,
      void: 0,
      refund: PAYMENT_WINDOW_MS,
    },
  },
  asynchronous: ['authorize', 'complete', 'capture', 'refund'],
  captured: 'at_capture_answer',
  // The signature covers a CRC of the body, which is no hash: see docs/decisions/0017.
  webhooks: { ordered: false, delivery: 'at_least_once', signatureCovers: 'some_fields' },
  payouts: false,
  settlementDelayDays: null,
  requestsPerSecond: null,
  authorizationValidityMs: 29 * DAY_MS,
  timeoutMs: LIMITS.provider.timeoutMs,
};

export function timeouts(timeoutMs: number | null): Capabilities {
  return timeoutMs === null
    ? PAYPAL_CAPABILITIES
    : { ...PAYPAL_CAPABILITIES, timeoutMs: everyKind(timeoutMs) };
}
