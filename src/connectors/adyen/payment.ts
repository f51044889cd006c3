/** The answers of `/payments` and `/payments/details`. */

import type { AuthorizationDetails, Outcome } from '../../core/outcome.ts';
import { groupOf, type Json, textOf } from '../json.ts';
import type { AuthorizeRequest, CompleteRequest } from '../port.ts';
import { fromAdyen } from './amounts.ts';
import { declineOf } from './codes.ts';
import { readReference } from './reference.ts';

const UNREADABLE: Outcome = { kind: 'unknown', reason: 'unreadable_answer' };

export function readPayment(request: AuthorizeRequest | CompleteRequest, json: Json): Outcome {
  const psp = textOf(json, 'pspReference');
  if (!isOurs(request, json)) return UNREADABLE;
  const resultCode = textOf(json, 'resultCode');
  switch (resultCode) {
    case 'Authorised':
    case 'PartiallyAuthorised':
      return readApproved(request, json, psp);
    case 'Refused':
    case 'Cancelled':
    case 'Error': {
      const code = textOf(json, 'refusalReasonCode') ?? resultCode;
      return { kind: 'declined', decline: declineOf(code), provider_reference: psp, provider_at: null };
    }
    case 'Received':
    case 'Pending':
      return { kind: 'pending', provider_reference: psp };
    case 'RedirectShopper':
      return readRedirect(json, psp ?? textOf(json, 'merchantReference') ?? standIn(request));
    default:
      return UNREADABLE;
  }
}

/** What the customer's browser brought back may be of another payment: Adyen's answer tells whose it is. */
function isOurs({ kind, reference, attempt }: AuthorizeRequest | CompleteRequest, json: Json): boolean {
  const given = textOf(json, 'merchantReference');
  if (given === null) return kind === 'authorize' && !APPROVING.has(textOf(json, 'resultCode'));
  const told = readReference(given);
  return told?.payment === reference && told.attempt === attempt;
}

const APPROVING: ReadonlySet<string | null> = new Set(['Authorised', 'PartiallyAuthorised']);

/** Our own reference tells how it was asked for: all but a manual capture is captured with its approval. */
function readApproved(
  { currency }: AuthorizeRequest | CompleteRequest,
  json: Json,
  psp: string | null,
): Outcome {
  const told = groupOf(json, 'amount');
  const amount = told['currency'] === currency ? fromAdyen(told['value'], currency) : null;
  if (psp === null || amount === null) return UNREADABLE;
  const asked = readReference(textOf(json, 'merchantReference'))?.asked;
  return {
    kind: 'approved',
    provider_reference: psp,
    movement: null,
    amount,
    amount_captured: asked === 'manual' ? 0 : amount,
    details: readDetails(groupOf(json, 'additionalData')),
    provider_at: null,
  };
}

/** A form that has to be posted is no address to send a browser to; Adyen redirects by GET unless it is asked. */
function readRedirect(json: Json, provider_reference: string): Outcome {
  const action = groupOf(json, 'action');
  const url = textOf(action, 'url');
  const readable = textOf(action, 'type') === 'redirect' && (textOf(action, 'method') ?? 'GET') === 'GET';
  if (!readable || url === null) return UNREADABLE;
  return { kind: 'requires_action', provider_reference, action: { type: 'redirect', url }, answered: false };
}

/** Adyen has no reference of its own for a redirect that is not over, and often repeats none of ours. */
function standIn({ reference, attempt }: AuthorizeRequest | CompleteRequest): string {
  return `${reference}.${attempt}`;
}

function readDetails(json: Json): AuthorizationDetails {
  return {
    authorization_code: textOf(json, 'authCode'),
    bin: textOf(json, 'cardBin'),
    last4: textOf(json, 'cardSummary'),
    avs_result: textOf(json, 'avsResult'),
    cvc_result: textOf(json, 'cvcResult'),
    eci: textOf(json, 'eci'),
    network_transaction_id: textOf(json, 'networkTxReference'),
  };
}
