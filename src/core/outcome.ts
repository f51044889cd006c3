/**
 * What a provider answered to one operation, over all its calls, as a closed list.
 *
 * The list is the whole vocabulary between connectors and the core: a connector may say nothing else, and
 * `decide` has a branch for each.
 */

import type { Decline } from './declines.ts';

/** One call to a provider, as it is shown to people. Holds no card data and no secret. */
export type ProviderCall = {
  /** Idempotency key that was sent; derived from the operation id, the same on every call for it. */
  key: string;
  /** What was called, for people: `POST /v1/charges`. */
  endpoint: string;
  /** HTTP status, or null when no readable answer arrived. */
  http_status: number | null;
  /** The provider's own code, verbatim. */
  raw_code: string | null;
  started_at: string;
  duration_ms: number;
  /** What was asked and answered, as far as the connector allows it to be kept. */
  request: Exchanged;
  response: Exchanged;
};

/** Fields by their path in the provider's own names (`payment_method.type`); null where nothing is kept. */
export type Exchanged = Readonly<Record<string, string | number | boolean | null>> | null;

/** What the provider tells about an approved authorisation. Absent facts are null, never guessed. */
export type AuthorizationDetails = {
  authorization_code: string | null;
  /** First six or eight digits; never more of the number. */
  bin: string | null;
  last4: string | null;
  avs_result: string | null;
  cvc_result: string | null;
  /** Electronic commerce indicator of a 3DS authentication. */
  eci: string | null;
  network_transaction_id: string | null;
};

/** Of a card's number only what may be kept: a provider that tells more, or anything else in its place, is not believed. */
export function keptDetails(details: AuthorizationDetails | null): AuthorizationDetails | null {
  if (details === null) return null;
  const { bin, last4 } = details;
  const kept = (text: string | null, shape: RegExp) => (text !== null && shape.test(text) ? text : null);
  return { ...details, bin: kept(bin, /^\d{6,8}$/), last4: kept(last4, /^\d{4}$/) };
}

/** What the customer has to do before the attempt can go on. */
export type NextAction = { type: 'redirect'; url: string };

/**
 * How `not_sent` is known. `lookup` is the provider's own word, given after its consistency window, that it
 * never processed the operation; the others speak of one call only.
 */
export type NotSentEvidence =
  | 'connection_refused'
  | 'rate_limited'
  | 'circuit_open'
  /** What has to come before the call failed: no access token was to be had. */
  | 'not_begun'
  | 'lookup';

export type Approved = {
  kind: 'approved';
  /** The provider's id of the charge that the operation belongs to. */
  provider_reference: string;
  /** The provider's own id of this movement: of the capture, void or refund. Null for a mere authorisation. */
  movement: string | null;
  /** What was really authorised, captured, released or refunded, in minor units: not what was asked. */
  amount: number;
  /** Authorise and complete only: what was captured by the same operation (a sale), else 0. */
  amount_captured: number;
  details: AuthorizationDetails | null;
  /** When the provider says that it happened; null where it does not say. */
  provider_at: string | null;
};

export type Outcome =
  | Approved
  | { kind: 'declined'; decline: Decline; provider_reference: string | null; provider_at: string | null }
  /** Evaluated and refused as invalid: final, no money moved, the customer is not at fault. */
  | { kind: 'rejected'; raw_code: string; message: string; provider_reference: string | null }
  /** `answered`: the customer has done their part and the operation can be completed; only a look-up tells. */
  | { kind: 'requires_action'; provider_reference: string; action: NextAction; answered: boolean }
  /** Accepted; the result comes later. */
  | { kind: 'pending'; provider_reference: string | null }
  | { kind: 'not_sent'; evidence: NotSentEvidence; reason: string }
  /** All else. The money may have moved. */
  | { kind: 'unknown'; reason: UnknownReason };

/** Why nobody can say what happened. `already_done` and `in_flight` are answers that ask for a look-up. */
export type UnknownReason =
  | 'timeout'
  | 'connection_reset'
  | 'server_error'
  | 'unreadable_answer'
  | 'already_done'
  | 'in_flight'
  | 'lease_expired'
  /** A repetition was refused at the door; what the first call did is as unknown as before. */
  | 'repetition_not_sent'
  /** Giving back what nobody wants was turned away at the door: it is sent again until it is done. */
  | 'release_not_sent'
  /** The provider answered with an id of its own that already belongs to something else. */
  | 'reference_conflict'
  | 'lookup_unavailable';
