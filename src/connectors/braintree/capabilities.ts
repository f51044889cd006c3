/** What Braintree can do, and promises to; of an account what its settings say. */

import { LIMITS } from '../../ops/limits.ts';
import type { Capabilities } from '../capabilities.ts';
import type { Account } from './account.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * Braintree publishes no bound for how far its search is behind; minutes have been seen. Until this has passed, a
 * sale that the search does not show may still be there.
 */
export const SEARCH_DELAY_MS = 10 * MINUTE_MS;
/** A transaction is read as it is; but a call that we gave up may be at work for as long as its SDK would wait: 60 s. */
const READ_DELAY_MS = 2 * MINUTE_MS;

const CARDS = ['card', 'apple_pay', 'google_pay'] as const;

export function capabilitiesOf({ merchantAccounts, partialSettlement }: Account): Capabilities {
  const bySearch = { kind: 'offered', by: 'search by order id', consistencyMs: SEARCH_DELAY_MS } as const;
  const byRead = (by: string) => ({ kind: 'offered', by, consistencyMs: READ_DELAY_MS }) as const;
  return {
    methods: [...CARDS, 'ach_debit', 'sepa_debit'],
    currencies: [...merchantAccounts.keys()],
    manualCapture: CARDS,
    partialCapture: true,
    multipleCaptures: partialSettlement,
    void: true,
    voidRemainder: false,
    partialRefund: true,
    multipleRefunds: true,
    refundAcrossCaptures: false,
    // In the customer's browser, before the nonce reaches us: the gateway never asks for it in an answer.
    threeDs: false,
    storedMethods: true,
    merchantInitiated: true,
    lookUp: {
      authorize: bySearch,
      complete: bySearch,
      capture: byRead('the transaction and its parts'),
      void: byRead('the transaction'),
      refund: byRead("the transaction's refunds"),
    },
    // An API request key exists for chosen merchants only; see docs/decisions/0016.
    idempotency: null,
    asynchronous: ['authorize'],
    // Submitted counts; a settlement that is declined later takes it back.
    captured: 'at_capture_answer',
    webhooks: { ordered: false, delivery: 'at_least_once', signatureCovers: 'whole_body' },
    payouts: false,
    settlementDelayDays: null,
    requestsPerSecond: null,
    // The shortest of the card brands'; the transaction itself tells when it has lapsed.
    authorizationValidityMs: 7 * DAY_MS,
    timeoutMs: LIMITS.provider.timeoutMs,
  };
}
