/** What a connector can do and what its provider guarantees, as data: routing, refusals, resolving and the docs read it. */

import type { OperationKind, PaymentMethodType } from '../core/payment/events.ts';

export type Capabilities = {
  methods: readonly PaymentMethodType[];
  /** ISO 4217 codes, or all that the core knows. */
  currencies: 'all' | readonly string[];
  /** Methods that can be authorised now and captured later; with the others the money is taken at once. */
  manualCapture: readonly PaymentMethodType[];
  /** Less than what is authorised; the rest is released. */
  partialCapture: boolean;
  /** Several captures of one authorisation. */
  multipleCaptures: boolean;
  void: boolean;
  /** What captures have left of an authorisation. */
  voidRemainder: boolean;
  partialRefund: boolean;
  multipleRefunds: boolean;
  /** One refund of what several captures took; false where each is a refund of one capture. */
  refundAcrossCaptures: boolean;
  threeDs: boolean;
  /** Methods that the provider keeps, charged again by their token. */
  storedMethods: boolean;
  /** Charging a stored method while the customer is away. */
  merchantInitiated: boolean;
  /** How each kind of operation's outcome can be asked for. */
  lookUp: Readonly<Record<OperationKind, LookUp>>;
  /** Null where the provider has no idempotency keys: then nothing is ever sent again. */
  idempotency: Idempotency | null;
  /** Operations that may be accepted now and decided later. */
  asynchronous: readonly OperationKind[];
  /** What proves that money was captured. */
  captured: 'at_capture_answer' | 'at_webhook' | 'at_settlement';
  /** Null where the provider sends nothing by itself. */
  webhooks: WebhookGuarantees | null;
  payouts: boolean;
  /** Days from a capture to its settlement, at most; null where the provider does not say. */
  settlementDelayDays: number | null;
  /** Null where the provider publishes none. */
  requestsPerSecond: number | null;
  /** What the customer's browser brings back from a challenge for the provider to read: nothing else of it is kept. */
  returnParameters?: readonly string[];
  /** An authorisation that is not captured lapses after this time, unless the provider says otherwise. */
  authorizationValidityMs: number;
  /** Deadline of a call that moves money; `LIMITS.provider.timeoutMs` unless the provider needs another. */
  timeoutMs: Readonly<Record<OperationKind, number>>;
};

export type LookUp =
  /**
   * `by`, for people: `operation id`. "Not found" may be wrong for so long after the call. With `awaits` there is
   * nobody to ask before the provider has named the charge: until then that will tell.
   */
  | { kind: 'offered'; by: string; consistencyMs: number; awaits?: string }
  /**
   * Nothing to ask. `awaits`, for people, is what will tell: `the AUTHORISATION webhook`. `cancel`: a void takes our
   * reference, so that an authorisation which is not wanted any more is cancelled while nobody knows of it.
   */
  | { kind: 'none'; awaits: string; cancel?: 'by_our_reference' };

export type Idempotency = {
  /** The provider takes keys of at most so many characters. */
  keyLength: number;
  /** How long a key is honoured; 0 where this kind of operation takes none. */
  windowMs: Readonly<Record<OperationKind, number>>;
};

export type WebhookGuarantees = {
  ordered: boolean;
  delivery: 'at_least_once' | 'at_most_once';
  signatureCovers: 'whole_body' | 'some_fields';
};

/** The same for every kind of operation, with what differs. */
export function everyKind<T>(
  value: T,
  but: Partial<Record<OperationKind, T>> = {},
): Record<OperationKind, T> {
  return { authorize: value, complete: value, capture: value, void: value, refund: value, ...but };
}
