/** A payment as Checkout.com tells it, in the answer to `POST /payments` and whenever it is asked for. */

import type { AuthorizationDetails, Outcome } from '../../core/outcome.ts';
import { groupOf, type Json, textOf } from '../json.ts';
import type { AuthorizeRequest, CompleteRequest } from '../port.ts';
import { fromCheckout } from './amounts.ts';
import { declineOf } from './codes.ts';
import { toldIn } from './reference.ts';

export const UNREADABLE: Outcome = { kind: 'unknown', reason: 'unreadable_answer' };

type Request = AuthorizeRequest | CompleteRequest;

export function readPayment(request: Request, json: Json): Outcome {
  const id = textOf(json, 'id');
  if (id === null || !isOurs(request, json)) return UNREADABLE;
  const status = textOf(json, 'status');
  switch (status) {
    case 'Authorized':
    case 'Partially Captured':
    case 'Captured':
    case 'Partially Refunded':
    case 'Refunded':
    case 'Voided':
    case 'Expired':
      return readApproved(request, json, id);
    case 'Declined': {
      const decline = declineOf(textOf(json, 'response_code') ?? status);
      return { kind: 'declined', decline, provider_reference: id, provider_at: textOf(json, 'processed_on') };
    }
    case 'Canceled':
      return { kind: 'rejected', raw_code: status, message: 'It was cancelled.', provider_reference: id };
    case 'Pending':
      return readPending(json, id);
    default:
      return UNREADABLE;
  }
}

/** The answer to the call itself repeats no metadata. */
function isOurs({ kind, reference, attempt }: Request, json: Json): boolean {
  const told = textOf(groupOf(json, 'metadata'), 'attempt');
  return textOf(json, 'reference') === reference && (told ?? (kind === 'authorize' && attempt)) === attempt;
}

/** Of a sale the capture follows by itself, and is counted with the approval: if it fails, the money goes back. */
function readApproved(request: Request, json: Json, provider_reference: string): Outcome {
  const { currency } = request;
  const value = groupOf(json, 'balances')['total_authorized'] ?? json['amount'];
  const amount = json['currency'] === currency ? fromCheckout(value, currency) : null;
  if (amount === null) return UNREADABLE;
  const sale = request.kind === 'authorize' ? request.capture : toldIn(json).sale;
  return {
    kind: 'approved',
    provider_reference,
    movement: null,
    amount,
    amount_captured: sale ? amount : 0,
    details: readDetails(json),
    provider_at: textOf(json, 'processed_on'),
  };
}

function readPending(json: Json, provider_reference: string): Outcome {
  const url = textOf(groupOf(groupOf(json, '_links'), 'redirect'), 'href');
  if (url === null) return { kind: 'pending', provider_reference };
  return { kind: 'requires_action', provider_reference, action: { type: 'redirect', url }, answered: false };
}

function readDetails(json: Json): AuthorizationDetails {
  const source = groupOf(json, 'source');
  return {
    authorization_code: textOf(json, 'auth_code'),
    bin: textOf(source, 'bin'),
    last4: textOf(source, 'last4'),
    avs_result: textOf(source, 'avs_check'),
    cvc_result: textOf(source, 'cvv_check'),
    eci: textOf(json, 'eci'),
    network_transaction_id: textOf(json, 'scheme_id'),
  };
}
