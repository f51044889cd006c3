/** What the provider's answers mean: the one place where its words become ours. */

import type { AuthorizationDetails, Outcome } from '../../core/outcome.ts';
import type { ProviderRequest } from '../port.ts';
import type { Result } from './client.ts';
import { declineOf } from './codes.ts';

/** Anything that came as a JSON object; each field is checked where it is read. */
export type Json = { [name in Name]?: unknown };
type Name =
  | 'id'
  | 'operation'
  | 'status'
  | 'code'
  | 'message'
  | 'detail'
  | 'charge'
  | 'movement'
  | 'amount'
  | 'amount_captured'
  | 'currency'
  | 'provider_at'
  | 'action'
  | 'url'
  | 'answered'
  | 'details'
  | 'type'
  | 'data'
  | 'created_at'
  | 'reference'
  | 'attempt'
  | 'of'
  | keyof AuthorizationDetails;

const UNREADABLE: Outcome = { kind: 'unknown', reason: 'unreadable_answer' };

/** The outcome of a call that moves money. */
export function outcomeOf(request: ProviderRequest, result: Result): Outcome {
  if (result.kind === 'failed') return result.failure;
  const { status, json } = result;
  if (status === 429) return { kind: 'not_sent', evidence: 'rate_limited', reason: 'http_429' };
  if (status >= 500) return { kind: 'unknown', reason: 'server_error' };
  if (!isObject(json)) return UNREADABLE;
  if (status === 200) return readOperation(request, json);
  return status >= 400 ? readRefusal(status, json) : UNREADABLE;
}

/**
 * The record of one operation, from its answer or from a look-up. An answer that speaks of another operation
 * or currency, or lacks what it must have, is unreadable: the money may have moved all the same.
 */
export function readOperation(request: ProviderRequest, json: Json): Outcome {
  const charge = textOf(json, 'charge');
  const code = textOf(json, 'code');
  if (json.operation !== request.operation || code === null) return UNREADABLE;
  switch (json.status) {
    case 'approved':
      return readApproved(request, json, charge);
    case 'declined':
      return {
        kind: 'declined',
        decline: declineOf(code),
        provider_reference: charge,
        provider_at: textOf(json, 'provider_at'),
      };
    case 'rejected':
      return rejected(code, json);
    case 'pending':
      return { kind: 'pending', provider_reference: charge };
    case 'requires_action':
      return readAction(json, charge);
    default:
      return UNREADABLE;
  }
}

function readApproved(request: ProviderRequest, json: Json, charge: string | null): Outcome {
  const amount = amountOf(json, 'amount');
  const captured = amountOf(json, 'amount_captured');
  if (charge === null || amount === null || captured === null) return UNREADABLE;
  if (json.currency !== request.currency) return UNREADABLE;
  return {
    kind: 'approved',
    provider_reference: charge,
    movement: textOf(json, 'movement'),
    amount,
    amount_captured: captured,
    details: isObject(json.details) ? readDetails(json.details) : null,
    provider_at: textOf(json, 'provider_at'),
  };
}

function readAction({ action }: Json, charge: string | null): Outcome {
  if (charge === null || !isObject(action)) return UNREADABLE;
  const url = textOf(action, 'url');
  if (url === null) return UNREADABLE;
  return {
    kind: 'requires_action',
    provider_reference: charge,
    action: { type: 'redirect', url },
    answered: action.answered === true,
  };
}

/**
 * A refusal counts as final only in the provider's own words, with its code: the bare status may come from
 * anything on the way. A reused key says that another request had this key, and nothing of what that did.
 */
function readRefusal(status: number, json: Json): Outcome {
  const code = textOf(json, 'code');
  if (code === null) return UNREADABLE;
  if (code === 'in_flight') return { kind: 'unknown', reason: 'in_flight' };
  if (code.startsWith('already_') || code === 'idempotency_key_reused') {
    return { kind: 'unknown', reason: 'already_done' };
  }
  return status === 409 || status === 408 ? UNREADABLE : rejected(code, json);
}

function rejected(code: string, json: Json): Outcome {
  const message = textOf(json, 'message') ?? textOf(json, 'detail') ?? code;
  return { kind: 'rejected', raw_code: code, message, provider_reference: textOf(json, 'charge') };
}

export function readDetails(json: Json): AuthorizationDetails {
  return {
    authorization_code: textOf(json, 'authorization_code'),
    bin: textOf(json, 'bin'),
    last4: textOf(json, 'last4'),
    avs_result: textOf(json, 'avs_result'),
    cvc_result: textOf(json, 'cvc_result'),
    eci: textOf(json, 'eci'),
    network_transaction_id: textOf(json, 'network_transaction_id'),
  };
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(json: Json, name: Name): string | null {
  const value = json[name];
  return typeof value === 'string' ? value : null;
}

export function amountOf(json: Json, name: Name): number | null {
  const value = json[name];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
