/**
 * The events of a payment: what is stored, hashed, posted from, and published. Names and keys are the public
 * ones; amounts are minor units of the payment's currency.
 *
 * Whatever moves money carries `memo_change`: by how much the authorised-but-not-captured sum changed, so that
 * a journal depends on its event alone, in whatever order events come.
 */

import type { Decline } from '../declines.ts';
import type {
  AuthorizationDetails,
  NextAction,
  NotSentEvidence,
  Outcome,
  ProviderCall,
  UnknownReason,
} from '../outcome.ts';
import type { Times, WaitingFact } from './fact.ts';

export type { Times };
export type CaptureMethod = 'automatic' | 'manual';
export type Funds = 'own' | 'held';
export type Mode = 'test' | 'live';
/**
 * What is charged. Tokens are the provider's or the wallet's, never card or account numbers. `stored` is a method that
 * the provider keeps, `customer` the provider's id of whom it belongs to.
 */
export type PaymentMethod =
  | { type: 'card'; token: string; stored?: true; customer?: string }
  | { type: 'apple_pay' | 'google_pay'; token: string }
  /** `mandate`: the provider's id of the payer's consent, where there is one already. */
  | {
      type: 'sepa_debit' | 'ach_debit' | 'bacs_debit';
      token: string;
      mandate?: string;
      stored?: true;
      customer?: string;
    }
  /** `bank`: chosen beforehand; else on the provider's page. */
  | { type: 'ideal'; bank?: string }
  /** The customer approves on PayPal's pages; with a token, the wallet is on file there. */
  | { type: 'paypal' }
  | { type: 'paypal'; token: string; stored?: true };
export type PaymentMethodType = PaymentMethod['type'];
export type OperationKind = 'authorize' | 'complete' | 'capture' | 'void' | 'refund';

/** Why this provider was chosen, and what else was considered. Stored with the attempt. */
export type Routing = {
  provider: string;
  /** The provider account and the connector's version: absent before there were several. */
  account?: string;
  version?: string;
  candidates: { provider: string; account?: string; taken: boolean; reason: string }[];
};

export type ExceptionType =
  | 'amount_mismatch'
  | 'unrequested_capture'
  | 'unrequested_refund'
  | 'unrequested_void'
  | 'contradicting_outcome'
  | 'movement_conflict'
  /** one-reference-one-attempt: the provider's answer names what belongs to another attempt or movement. */
  | 'reference_conflict'
  | 'compensation_failed'
  | 'unresolved_too_long'
  /** A fact whose subject was never told: what it speaks of is missing here, or at the provider. */
  | 'waiting_too_long';

/** Why an attempt is not wanted any more: an approval that still comes is released, once. */
export type UnwantedReason =
  | 'voided'
  | 'replaced'
  | 'given_up'
  | 'partial_approval'
  | 'already_paid'
  | 'challenge_expired';

export type FailureReason = 'declined' | 'rejected' | 'not_sent';

/** What a failed operation was refused for: a decline, or the provider's own words. */
export type Failure = {
  reason: FailureReason;
  decline: Decline | null;
  raw_code: string | null;
  evidence: NotSentEvidence | null;
};

/** Everything that starting an attempt needs; minted and decided before the command. */
export type AttemptPlan = {
  attempt: string;
  operation: string;
  /** The capture that a sale will make; null with manual capture. */
  capture: string | null;
  payment_method: PaymentMethod;
  routing: Routing;
};

type Told = { operation: string | null; call: ProviderCall | null };

/**
 * How much of a movement was posted before under another name, and which capture or refund held it: a total
 * that was told without its movements, or a movement that nobody was known to have asked for.
 */
export type Covers = { resource: string; movement: string; amount: number };

type DisputeData = { dispute: string; attempt: string; provider: string; amount: number };

export type EventData = {
  /** The merchant wants to be paid. Nothing is asked of a provider yet. */
  payment_created: {
    payment: string;
    merchant: string;
    mode: Mode;
    amount: number;
    currency: string;
    capture_method: CaptureMethod;
    funds: Funds;
    allow_partial_authorization: boolean;
    payment_method: PaymentMethod | null;
    reference: string | null;
    /** The customer is away: stored methods are charged as was agreed. */
    off_session?: true;
    /** The provider account that its attempts go to, where the merchant named one. */
    provider_account?: string;
  };
  /** A provider is asked to authorise; why this one, is in `routing`. */
  attempt_started: AttemptPlan & { number: number; provider: string; amount: number };
  /** The merchant or time gave the attempt up: `next`, if any, starts once the provider has confirmed. */
  attempt_abandoned: { attempt: string; reason: UnwantedReason; next: AttemptPlan | null };
  /** Its money was taken before it could be cancelled: it stands after all, and its replacement never starts. */
  attempt_adopted: { attempt: string };
  /** The customer has to do something first, such as a 3DS challenge. */
  action_required: Told & { attempt: string; round: number; provider_reference: string; action: NextAction };
  /** The customer came back from the challenge: the provider is asked to finish the attempt. */
  completion_requested: {
    attempt: string;
    operation: string;
    round: number;
    provider: string;
    /** The query that the customer's browser came back with, for the provider to read. */
    returned?: string;
  };
  /** The money is reserved. `amount` is what was approved, not what was asked. */
  authorization_approved: Told & {
    attempt: string;
    provider: string;
    provider_reference: string;
    amount: number;
    memo_change: number;
    details: AuthorizationDetails | null;
    /** The attempt had been believed failed, or was not wanted any more. */
    late: boolean;
    /** An attempt that was to be replaced succeeded after all: it stands, and the replacement never starts. */
    adopted: boolean;
    /** Why nobody wants it, where that becomes known with the approval itself. */
    unwanted?: UnwantedReason;
  };
  /** The provider or the issuer said no. The payment can be confirmed again with another attempt. */
  authorization_failed: Told & Failure & { attempt: string; provider_reference: string | null };
  /** The provider has released what was not captured. */
  authorization_voided: Told & { attempt: string; provider: string; amount: number; memo_change: number };
  /** The provider's word, not ours: the reservation has run out. */
  authorization_expired: Told & { attempt: string; provider: string; memo_change: number };
  /** The provider is asked to take the money, or a part of it. */
  capture_requested: { capture: string; operation: string; attempt: string; amount: number; final: boolean };
  /** The money is taken. */
  capture_succeeded: Told & {
    capture: string;
    attempt: string;
    provider: string;
    amount: number;
    movement: string;
    final: boolean;
    memo_change: number;
    covers?: Covers;
  };
  /** The provider refused the capture: no money moved. `movement`: the provider's id of what failed, where it has one. */
  capture_failed: Told & Failure & { capture: string; movement?: string };
  /** Money taken back by the provider or a bank after a capture: a returned debit, a capture that failed late. */
  capture_reversed: {
    attempt: string;
    provider: string;
    amount: number;
    movement: string;
    raw_code?: string;
  };
  /** The provider is asked to release the reservation. */
  void_requested: { operation: string; attempt: string; reason: UnwantedReason };
  /** The provider refused to release it. */
  void_failed: Told & Failure & { attempt: string };
  /** The provider is asked to give money back. */
  refund_requested: {
    refund: string;
    operation: string;
    attempt: string;
    provider: string;
    amount: number;
    cause: 'requested' | UnwantedReason;
    /** What it is given back of, where several captures took money and one of them had enough left. */
    capture?: string;
  };
  /** The money is on its way back to the customer. */
  refund_succeeded: Told & {
    refund: string;
    attempt: string;
    provider: string;
    amount: number;
    movement: string;
    /** What the ledger held for this refund before: nothing when nobody here asked for it. */
    from: 'in_flight' | 'failed' | 'unrequested';
    /** The amount that was in flight; differs from `amount` when the provider refunded another sum. */
    in_flight: number;
    covers?: Covers;
  };
  /** The provider refused the refund: no money moved. `movement`: the provider's id of what failed, where it has one. */
  refund_failed: Told & Failure & { refund: string; provider: string; amount: number; movement?: string };
  /** The refund had succeeded, and came back: closed account, refused credit. */
  refund_returned: { refund: string; provider: string; amount: number; movement: string };
  /** Funds that a cardholder's bank took back while it is argued about. */
  dispute_opened: DisputeData;
  /** The bank gave the money back. */
  dispute_won: DisputeData;
  /** `after`: what the ledger held for the dispute before. */
  dispute_lost: DisputeData & { after: 'open' | 'won' };
  /** A fact whose subject is not known yet: kept, and applied when that comes (`fact_resumed`). */
  fact_waiting: { key: string; fact: WaitingFact };
  /** What had waited has been applied. */
  fact_resumed: { key: string };
  /** The provider has accepted; the result comes later. */
  operation_pending: { operation: string; provider_reference: string | null; call: ProviderCall | null };
  /** Nobody knows whether the money moved. The provider is asked until it tells. */
  operation_unknown: { operation: string; reason: UnknownReason; call: ProviderCall | null };
  /** A call that told nothing new, since its outcome was known from elsewhere by then: it is part of the history. */
  call_recorded: { operation: string; outcome: Outcome['kind']; call: ProviderCall };
  /** Cancelled at the provider, who tells nothing more of it: whether it had been approved before does not matter. */
  operation_canceled: { operation: string; attempt: string };
  /** Without a provider: nothing had been authorised, or the wish waits for an unresolved authorisation. */
  payment_voided: Record<string, never>;
  /** Given up: nobody has paid in time. */
  payment_failed: { reason: 'unpaid_too_long' };
  /** Something that a person has to look at. */
  exception_raised: {
    exception: string;
    type: ExceptionType;
    subject: string;
    expected: number | null;
    actual: number | null;
  };
  /** What the exception asked about was explained by a later fact. */
  exception_withdrawn: { exception: string; type: ExceptionType; subject: string };
};

export type EventType = keyof EventData;

export type Event = { [T in EventType]: { type: T; data: EventData[T] } & Times }[EventType];
