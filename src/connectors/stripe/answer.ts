/** What Stripe's refusals mean. Its approvals are read where they are asked for, a file a capability. */

import type Stripe from 'stripe';
import type { Outcome } from '../../core/outcome.ts';
import type { ProviderRequest } from '../port.ts';
import { isCaptured } from './capture.ts';
import type { Result } from './client.ts';
import { failure, UNREADABLE } from './intents.ts';
import { isReleased } from './void.ts';
import { idOf, isObject, objectOf, textOf, type WireError, within } from './wire.ts';

/** Reads a success; the outcome is unreadable where it is not about the request. */
export type Read = (request: ProviderRequest, json: unknown) => Outcome;

export function outcomeOf(request: ProviderRequest, result: Result, read: Read): Outcome {
  if (result.kind === 'failed') return result.failure;
  const { status, json } = result;
  // Turned away at the door, or by a lock on the object: not processed, and not kept for the key.
  if (status === 429) return { kind: 'not_sent', evidence: 'rate_limited', reason: 'http_429' };
  if (status >= 500) return { kind: 'unknown', reason: 'server_error' };
  if (status === 200) return read(request, json);
  const error = within<Stripe.StripeRawError>(isObject(json) ? json['error'] : null);
  return status >= 400 && error !== null ? refusal(request, status, error) : UNREADABLE;
}

/**
 * Final only in Stripe's own words: the bare status may come from anything on the way. A key that is in use or was
 * used, and a state that an earlier call of ours may have brought about, are reasons to look up.
 */
function refusal(request: ProviderRequest, status: number, error: WireError): Outcome {
  const type = textOf(error, 'type');
  const code = textOf(error, 'code');
  if (type === null) return UNREADABLE;
  if (code === 'idempotency_key_in_use') return { kind: 'unknown', reason: 'in_flight' };
  if (type === 'idempotency_error' || (isState(code) && mayBeOurs(request, error)))
    return { kind: 'unknown', reason: 'already_done' };
  if (status === 402) return failure(error, null);
  // 409: a conflict without a code. 424: something behind Stripe failed, which may have moved the money.
  if (status === 409 || status === 424 || type === 'api_error')
    return { kind: 'unknown', reason: 'server_error' };
  const message = textOf(error, 'message') ?? type;
  const reference = idOf(error.payment_intent);
  return { kind: 'rejected', raw_code: code ?? type, message, provider_reference: reference };
}

const STATES: ReadonlySet<string> = new Set([
  'payment_intent_unexpected_state',
  'intent_invalid_state',
  'charge_already_captured',
  'charge_already_refunded',
]);

function isState(code: string | null): boolean {
  return code !== null && STATES.has(code);
}

/**
 * Had our key done it, its stored answer would have come again in the place of a refusal: so it was somebody else,
 * unless the payment carries our mark. What is released already is what a void wants, whoever did it.
 */
function mayBeOurs(request: ProviderRequest, error: WireError): boolean {
  const intent = objectOf<Stripe.PaymentIntent>(error.payment_intent, 'payment_intent');
  switch (request.kind) {
    case 'capture':
      return intent === null || isCaptured(request, intent);
    case 'void':
      return intent === null || isReleased(request, intent);
    case 'authorize':
    case 'complete':
    case 'refund':
      return false;
    default:
      return request satisfies never;
  }
}
