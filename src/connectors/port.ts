/**
 * The one door to a provider.
 *
 * A connector turns one operation into one call and the answer into an Outcome. It keeps no state, makes no
 * retries of its own, and never throws for what a provider or the network does: that is an Outcome too.
 */

import type { Outcome, ProviderCall } from '../core/outcome.ts';
import type { Fact } from '../core/payment/commands.ts';
import type { PaymentMethod } from '../core/payment/events.ts';
import type { Capabilities } from './capabilities.ts';

export type { Capabilities };

/** What every operation carries to the provider. */
type Common = {
  /** The operation's id (`op_…`): the provider's idempotency key is derived from it. */
  operation: string;
  /** The attempt (`att_…`) whose charge this belongs to. */
  attempt: string;
  /** Our reference at the provider: the payment's id (`pay_…`). */
  reference: string;
  amount: number;
  currency: string;
};

export type AuthorizeRequest = Common & {
  kind: 'authorize';
  /** The provider's id of the charge, once an answer has named it: for looking up what is pending or was challenged. */
  providerReference: string | null;
  /** True for a sale: authorise and capture in one operation. */
  capture: boolean;
  paymentMethod: PaymentMethod;
  /** The customer is away: the merchant charges a stored method, as was agreed. */
  offSession: boolean;
  /** Where the provider sends the customer's browser after a challenge: an address of ours. */
  returnUrl: string;
};
export type CompleteRequest = Common & {
  kind: 'complete';
  providerReference: string;
  /** The query that the customer's browser came back with (`redirectResult=…`), untrusted; null without one. */
  returned: string | null;
};
export type CaptureRequest = Common & { kind: 'capture'; providerReference: string; final: boolean };
/** `providerReference` is null when the authorisation's own outcome is unresolved: cancel by our reference. */
export type VoidRequest = Common & {
  kind: 'void';
  providerReference: string | null;
  /** What was captured of it: where that is something, only the rest is to be let go. */
  captured: number;
  /** What the authorisation was asked with, for providers whose reference of ours tells it. */
  asked?: Pick<AuthorizeRequest, 'capture'> & { method: PaymentMethod['type'] };
};
/** `captureReference` is the provider's id of the capture that it is given back of, for providers that refund captures. */
export type RefundRequest = Common & {
  kind: 'refund';
  providerReference: string;
  captureReference: string | null;
};

export type ProviderRequest =
  | AuthorizeRequest
  | CompleteRequest
  | CaptureRequest
  | VoidRequest
  | RefundRequest;

/** An outcome with the call that told it. */
export type Answer = { outcome: Outcome; call: ProviderCall };

/** What the provider knows of one operation of ours. */
export type LookUpResult =
  | { kind: 'found'; outcome: Outcome; call: ProviderCall }
  /** The provider has no trace of the operation. Evidence only after its `consistencyMs`. */
  | { kind: 'not_found'; call: ProviderCall }
  /**
   * The provider was asked, and cannot say yet that there is nothing: its key tells, where a call may be sent again;
   * else `awaits`, for people, is what will.
   */
  | { kind: 'undecided'; awaits: string; call: ProviderCall }
  | { kind: 'unavailable'; reason: string; call: ProviderCall };

/** Correlation of one hop: W3C trace context, sent on and logged. */
export type Trace = {
  traceparent: string;
  /** On the monotonic clock: when nobody waits for an answer any more. Of several calls each has what is left. */
  untilMs?: number;
};

/** A delivery as it arrived: nothing of it is trusted before `verify` has passed. Header names are lower case. */
export type Delivery = { headers: Readonly<Record<string, string>>; body: Buffer };

export type Verdict =
  /** `eventId` is the provider's id of the event, the same for each repetition; null where it has none. */
  | { ok: true; eventId: string | null }
  | { ok: false; reason: 'signature_missing' | 'signature_wrong' | 'too_old' | 'malformed' }
  /** What it takes to tell is being fetched: the provider is asked to deliver again. */
  | { ok: false; reason: 'not_ready' };

/** One fact of a delivery, with what names its payment. */
export type Notice = {
  /** Our reference at the provider: the payment's id (`pay_…`); null where the delivery does not tell it. */
  reference: string | null;
  /** `att_…`, where the delivery tells it. */
  attempt: string | null;
  /** The provider's id of the charge. */
  providerReference: string | null;
  /** Of the fact's amount, where the delivery tells it: another one than the payment's is for a person. */
  currency?: string;
  fact: FactTold;
};

/** A fact as a provider tells it: when it reached us, and whose attempt it is, we know ourselves. */
export type FactTold = OmitEach<Fact, 'attempt' | 'received_at'>;

type OmitEach<T, Key extends PropertyKey> = T extends unknown ? Omit<T, Key> : never;

export type Parsed =
  | { kind: 'notices'; notices: Notice[] }
  /** Nothing that concerns money: told, so that it is not taken for forgotten. */
  | { kind: 'ignored'; why: string }
  /** Not what this provider sends: a person has to look. */
  | { kind: 'unreadable'; why: string };

export type Webhooks = {
  /**
   * Any of the secrets will do: while one is rotated, both hold. Never throws for what a stranger sends; for a secret
   * that cannot be one always, whatever is sent.
   */
  verify(delivery: Delivery, secrets: readonly string[], nowMs: number): Verdict;
  parse(body: Buffer): Parsed;
  /**
   * Only where the provider asks, by GET, whether the address is ours before it sends anything: the text to answer
   * with; null for what is no such question. `query` is as it came.
   */
  challenge?(query: URLSearchParams, secrets: readonly string[]): string | null;
  /** Asks the provider whether it said this; for those whose signature does not cover every byte. Never throws. */
  confirm?(body: Buffer, trace: Trace): Promise<Confirmation>;
};

export type Confirmation = { kind: 'confirmed' | 'denied' } | { kind: 'unavailable'; reason: string };

/** What moved on an account, as the provider lists it: each entry as its webhook would have been. */
export type Changes =
  | { kind: 'page'; entries: { eventId: string; body: Buffer }[]; next: string; more: boolean }
  | { kind: 'unavailable'; reason: string };

/** What a look at the account found, for `truepenny connectors check`. */
export type Probe = {
  credentials: 'accepted' | 'refused' | 'not_known';
  /** The provider's clock minus ours; null where its answer told no time. */
  clockDifferenceMs: number | null;
  /** For people: what was asked, and what came back. Holds no secret. */
  detail: string;
  /** What of the account's configuration the provider contradicts, for people; where it tells nothing, there are none. */
  contradictions?: readonly string[];
};

/** One account at one provider, in one version of its interface. */
export type Connector = {
  /** The provider's name in routing, ledger accounts and metrics: `simulator`. */
  name: string;
  /** The version of the provider's interface: `72`. Several run side by side; an attempt stays with its own. */
  version: string;
  capabilities: Capabilities;
  /** Moves money, or tries to. Called by `flow/perform` only. */
  perform(request: ProviderRequest, trace: Trace): Promise<Answer>;
  /** Asks what became of the operation; moves nothing. Called only for kinds whose look-up is `offered`. */
  lookUp(request: ProviderRequest, trace: Trace): Promise<LookUpResult>;
  /** Whether the provider has let the authorisation lapse; null when it could not be asked. */
  hasExpired(providerReference: string, trace: Trace): Promise<boolean | null>;
  /** What the provider sends by itself; null where it sends nothing. */
  webhooks: Webhooks | null;
  /** What moved after the cursor (null: from the beginning), oldest first; null where a provider lists nothing. */
  listChanges: ((after: string | null, trace: Trace) => Promise<Changes>) | null;
  /** Asks for something harmless, with the account's credentials. */
  probe(trace: Trace): Promise<Probe>;
  /** Drops the connections; calls that are under way end as unknown. */
  close(): Promise<void>;
};

/** An account as it is configured, with the connectors that serve it: new attempts are spread by percent. */
export type ProviderAccount = {
  /** Unique in the installation: `default`. */
  account: string;
  provider: string;
  /** Whose payments it takes. */
  mode: 'test' | 'live' | 'any';
  versions: readonly { connector: Connector; percent: number }[];
};

/** By name, in the order of the configuration. */
export type Accounts = ReadonlyMap<string, ProviderAccount>;
