/** Refusals as Stripe words them: `type`, `code`, `param`, and what they are about. */

import type Stripe from 'stripe';
import type { Operation } from '../../books.ts';
import { isProblemCode, type ProblemCode, type Refusal, refuse } from '../../problems.ts';
import type { Said } from '../../simulator.ts';
import type { Reply } from '../../view.ts';

export type ErrorBody = Partial<Omit<Stripe.StripeRawError, 'type'>> & {
  type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';
  message: string;
};

type Worded = { status: number; error: Omit<ErrorBody, 'message'>; message?: string };

const INVALID = 'invalid_request_error';

/** What the simulator refuses itself, and where Stripe has a code of its own for what the books refuse. */
const WORDS: Partial<Record<ProblemCode, Worded>> = {
  no_such_route: {
    status: 404,
    error: { type: INVALID },
    message: 'Unrecognized request URL. The simulator knows the addresses that its guide lists.',
  },
  not_found: { status: 404, error: { type: INVALID, code: 'resource_missing' } },
  rate_limited: {
    status: 429,
    error: { type: INVALID, code: 'rate_limit' },
    message: 'Request rate limit exceeded.',
  },
  server_error: { status: 500, error: { type: 'api_error' }, message: 'An unknown error occurred.' },
  books_not_written: { status: 503, error: { type: 'api_error' } },
  books_full: { status: 507, error: { type: 'api_error' } },
  in_flight: {
    status: 409,
    error: { type: 'idempotency_error', code: 'idempotency_key_in_use' },
    message: 'There is currently another in-progress request using this Stripe idempotent key.',
  },
  idempotency_key_reused: {
    status: 400,
    error: { type: 'idempotency_error' },
    message:
      'Keys for idempotent requests can only be used with the same parameters they were first used with.',
  },
  already_voided: { status: 400, error: { type: INVALID, code: 'payment_intent_unexpected_state' } },
  already_captured: { status: 400, error: { type: INVALID, code: 'payment_intent_unexpected_state' } },
  authorization_voided: { status: 400, error: { type: INVALID, code: 'payment_intent_unexpected_state' } },
  authorization_expired: { status: 400, error: { type: INVALID, code: 'charge_expired_for_capture' } },
  not_authorized: { status: 400, error: { type: INVALID, code: 'payment_intent_unexpected_state' } },
  void_after_capture: { status: 400, error: { type: INVALID, code: 'payment_intent_unexpected_state' } },
  capture_exceeds_authorization: {
    status: 400,
    error: { type: INVALID, code: 'amount_too_large', param: 'amount_to_capture' },
  },
  already_refunded: { status: 400, error: { type: INVALID, code: 'charge_already_refunded' } },
  refund_exceeds_capture: { status: 400, error: { type: INVALID, param: 'amount' } },
};

export function refuseInWords({ code, detail }: Refusal, more: Partial<ErrorBody> = {}): Reply {
  const { status, error, message = detail } = WORDS[code] ?? { status: 400, error: { type: INVALID } };
  return errorReply(status, { ...error, message, ...more });
}

export function errorReply(status: number, error: ErrorBody): Reply {
  return { status, body: { error } };
}

export function missing(type: string, id: string, param = 'id'): Said {
  const message = `No such ${type}: '${id}'`;
  return said(errorReply(404, { type: INVALID, code: 'resource_missing', message, param }));
}

export function invalid(param: string, message: string, code?: string): Said {
  return said(errorReply(400, { type: INVALID, message, param, ...(code === undefined ? {} : { code }) }));
}

export function said(reply: Reply): Said {
  return { is: 'said', reply };
}

/** What the books refused, or a fault declined, with what it is about. */
export function refusedReply(
  { status, code }: Pick<Operation, 'status' | 'code'>,
  about: Partial<ErrorBody>,
): Reply {
  if (status !== 'declined')
    return refuseInWords(refuse(isProblemCode(code) ? code : 'invalid_request'), about);
  const message = 'Your card was declined.';
  return errorReply(402, {
    type: 'card_error',
    code: 'card_declined',
    decline_code: code,
    message,
    ...about,
  });
}
