/**
 * The state of a payment, as far as deciding needs it. It holds what is known, attempt by attempt; status and
 * totals are derived from it (`summary.ts`), so that they cannot disagree with the facts, in whatever order
 * the facts came.
 */

import type { Decline } from '../declines.ts';
import type { AuthorizationDetails, NextAction } from '../outcome.ts';
import type {
  AttemptPlan,
  CaptureMethod,
  ExceptionType,
  FailureReason,
  Funds,
  OperationKind,
  PaymentMethod,
  Routing,
  UnwantedReason,
} from './events.ts';
import type { WaitingFact } from './fact.ts';

export type AttemptResult = 'unresolved' | 'requires_action' | 'authorized' | 'canceled' | FailureReason;

export type Attempt = {
  id: string;
  number: number;
  provider: string;
  /** Absent before accounts could be chosen. */
  account?: string;
  /** Of the connector: all operations of the attempt go through the same. */
  version?: string;
  routing: Routing;
  paymentMethod: PaymentMethod;
  /** The authorise operation; its result is the attempt's. */
  operation: string;
  /** The capture that the sale makes, or null with manual capture. */
  capture: string | null;
  amount: number;
  result: AttemptResult;
  providerReference: string | null;
  details: AuthorizationDetails | null;
  failure: { reason: FailureReason; decline: Decline | null; rawCode: string | null } | null;
  action: { round: number; next: NextAction } | null;
  /** The query that the customer's browser came back with. */
  returned?: string;
  unwanted: UnwantedReason | null;
  /** The attempt that starts once this one is confirmed to be over. */
  next: AttemptPlan | null;
  authorized: number;
  captured: number;
  refunded: number;
  reversed: number;
  disputed: number;
  /** What the provider captured or refunded beyond what it was asked for and could: facts bind, limits do not. */
  capturedBeyond: number;
  refundedBeyond: number;
  /** Nothing is capturable any more, and why. */
  closed: 'captured' | 'voided' | 'expired' | null;
  /** How far giving back was asked for while it held money that nobody wanted: each step is taken once. */
  released?: 'void' | 'refund';
};

export type ResourceStatus = 'pending' | 'succeeded' | 'failed';

export type Capture = {
  id: string;
  attempt: string;
  operation: string | null;
  amount: number;
  final: boolean;
  status: ResourceStatus;
  movement: string | null;
  failure: Attempt['failure'];
};

export type Refund = {
  id: string;
  attempt: string;
  operation: string | null;
  amount: number;
  status: ResourceStatus;
  movement: string | null;
  /** The capture it is given back of, where that was chosen. */
  capture?: string;
  /** Came back after it had succeeded; its money is with the merchant again, whatever else is reported. */
  returned: boolean;
  failure: Attempt['failure'];
};

export type OperationStatus =
  | 'sending'
  | 'pending'
  | 'unknown'
  | 'approved'
  | 'requires_action'
  | 'canceled'
  | FailureReason;

export type Operation = {
  id: string;
  kind: OperationKind;
  attempt: string;
  /** The capture or refund that it performs. */
  subject: string | null;
  amount: number;
  status: OperationStatus;
  /** Some call for it may have been processed: from then on only the provider's word can say `not_sent`. */
  sent: boolean;
};

/** A movement that the provider told, by its own id: the same id with other content is a conflict. */
export type Movement = { kind: 'capture' | 'refund' | 'void' | 'reversal' | 'return'; amount: number };

/** Money that a bank took back: while it is open and when it is lost, it counts as disputed. */
export type Dispute = { id: string; attempt: string; amount: number; status: 'open' | 'won' | 'lost' };

export type State = {
  id: string;
  merchant: string;
  amount: number;
  currency: string;
  captureMethod: CaptureMethod;
  funds: Funds;
  allowPartialAuthorization: boolean;
  paymentMethod: PaymentMethod | null;
  offSession?: true;
  providerAccount?: string;
  attempts: Attempt[];
  captures: Capture[];
  refunds: Refund[];
  operations: Operation[];
  movements: Record<string, Movement>;
  voided: boolean;
  failed: boolean;
  exceptions: { id: string; type: ExceptionType; subject: string }[];
  /** Absent until there is one: the snapshots of most payments stay small. */
  disputes?: Dispute[];
  /** Facts that came before what they belong to. */
  waiting?: { key: string; fact: WaitingFact }[];
};

/** Before the first event there is no payment. */
export const initial: State | null = null;

/** The name of what only a total tells: the provider has no such movement. */
export function nameOfTotal(attempt: string, of: 'captured' | 'refunded'): string {
  return `${attempt}/${of}_total`;
}

/** The name of what a sale had taken, and what its void shows to have been never captured. */
export function nameOfVoided(attempt: string): string {
  return `${attempt}/voided`;
}

/** Attempts from before there were several accounts are of the only one that there was. */
export function accountOf({ account = 'default' }: Pick<Attempt, 'account'>): string {
  return account;
}

export function isUnresolved(operation: Operation): boolean {
  return operation.status === 'sending' || operation.status === 'pending' || operation.status === 'unknown';
}

/** Nothing says how it ended: unresolved, or a challenge that nobody wants and that the provider did not cancel. */
export function lacksOutcome(state: State, operation: Operation): boolean {
  const { result, unwanted } = findAttempt(state, operation.attempt);
  const challenge = operation.kind !== 'void' && result === 'requires_action' && unwanted !== null;
  return isUnresolved(operation) || challenge;
}

/**
 * The operation that the word on an authorisation ends, whichever was asked about: the completion that is under way,
 * else the authorise. Left open it would end with the same reference of the provider's a second time.
 */
export function authorizing(state: State, attempt: Attempt): Operation {
  const open = unresolved(state, 'complete').find((o) => o.attempt === attempt.id);
  return open ?? findOperation(state, attempt.operation);
}

export function unresolved(state: State, kind?: OperationKind): Operation[] {
  return state.operations.filter((o) => isUnresolved(o) && (kind === undefined || o.kind === kind));
}

/** Facts that wait for what they belong to, and that no person has been told of. */
export function unreported(state: State): NonNullable<State['waiting']> {
  const isReported = (key: string) =>
    state.exceptions.some((x) => x.type === 'waiting_too_long' && x.subject === key);
  return (state.waiting ?? []).filter((w) => !isReported(w.key));
}

export function findAttempt(state: State, id: string): Attempt {
  return must(
    state.attempts.find((a) => a.id === id),
    `attempt ${id}`,
  );
}

export function findOperation(state: State, id: string): Operation {
  return must(
    state.operations.find((o) => o.id === id),
    `operation ${id}`,
  );
}

export function findCapture(state: State, id: string): Capture {
  return must(
    state.captures.find((c) => c.id === id),
    `capture ${id}`,
  );
}

export function findRefund(state: State, id: string): Refund {
  return must(
    state.refunds.find((r) => r.id === id),
    `refund ${id}`,
  );
}

function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the payment has no ${what}`);
  return value;
}
