/** What the simulator can do, and promises to. */

import { LIMITS } from '../../ops/limits.ts';
import { type Capabilities, everyKind } from '../capabilities.ts';

const DAY_MS = 24 * 3600_000;
const METHODS = [
  'card',
  'apple_pay',
  'google_pay',
  'sepa_debit',
  'ach_debit',
  'bacs_debit',
] as const satisfies Capabilities['methods'];

export const SIMULATOR_CAPABILITIES: Capabilities = {
  methods: METHODS,
  currencies: 'all',
  manualCapture: METHODS,
  partialCapture: true,
  multipleCaptures: true,
  void: true,
  voidRemainder: true,
  partialRefund: true,
  multipleRefunds: true,
  refundAcrossCaptures: true,
  threeDs: true,
  storedMethods: true,
  merchantInitiated: true,
  lookUp: everyKind({ kind: 'offered', by: 'operation id', consistencyMs: 0 }),
  idempotency: { keyLength: 255, windowMs: everyKind(DAY_MS) },
  asynchronous: [],
  captured: 'at_capture_answer',
  webhooks: { ordered: false, delivery: 'at_least_once', signatureCovers: 'whole_body' },
  payouts: false,
  settlementDelayDays: null,
  requestsPerSecond: null,
  authorizationValidityMs: 7 * DAY_MS,
  timeoutMs: LIMITS.provider.timeoutMs,
};
