/** Refusals as PayPal words them: a name, and what is at issue. */

import type { Kind } from '../../books.ts';
import type { ProblemCode, Refusal } from '../../problems.ts';
import type { Said } from '../../simulator.ts';
import type { Reply } from '../../view.ts';

type Worded = { status: number; issue: string };

const NAMES: Readonly<Record<number, string>> = {
  400: 'INVALID_REQUEST',
  401: 'AUTHENTICATION_FAILURE',
  404: 'RESOURCE_NOT_FOUND',
  409: 'RESOURCE_CONFLICT',
  422: 'UNPROCESSABLE_ENTITY',
  429: 'RATE_LIMIT_REACHED',
  500: 'INTERNAL_SERVER_ERROR',
  503: 'SERVICE_UNAVAILABLE',
};

const MESSAGES: Readonly<Record<string, string>> = {
  INVALID_REQUEST: 'Request is not well-formed, syntactically incorrect, or violates schema.',
  AUTHENTICATION_FAILURE:
    'Authentication failed due to missing authorization header, or invalid authentication credentials.',
  RESOURCE_NOT_FOUND: 'The specified resource does not exist.',
  RESOURCE_CONFLICT: 'The server has detected a conflict while processing this request.',
  UNPROCESSABLE_ENTITY:
    'The requested action could not be performed, semantically incorrect, or failed business validation.',
  RATE_LIMIT_REACHED: 'Too many requests. Blocked due to rate limiting.',
  INTERNAL_SERVER_ERROR: 'An internal server error has occurred.',
  SERVICE_UNAVAILABLE: 'Service Unavailable.',
};

const WORDS: Partial<Record<ProblemCode, Worded>> = {
  no_such_route: { status: 404, issue: 'INVALID_RESOURCE_ID' },
  not_found: { status: 404, issue: 'INVALID_RESOURCE_ID' },
  unknown_token: { status: 422, issue: 'TOKEN_ID_NOT_FOUND' },
  return_url_required: { status: 422, issue: 'RETURN_URL_REQUIRED' },
  in_flight: { status: 409, issue: 'PREVIOUS_REQUEST_IN_PROGRESS' },
  idempotency_key_reused: { status: 422, issue: 'DUPLICATE_REQUEST_ID' },
  too_large: { status: 400, issue: 'INVALID_STRING_MAX_LENGTH' },
  rate_limited: { status: 429, issue: 'RATE_LIMIT_REACHED' },
  server_error: { status: 500, issue: 'INTERNAL_SERVER_ERROR' },
  books_not_written: { status: 503, issue: 'SERVICE_UNAVAILABLE' },
  books_full: { status: 503, issue: 'SERVICE_UNAVAILABLE' },
  not_challenged: { status: 422, issue: 'ORDER_ALREADY_AUTHORIZED' },
  not_authorized: { status: 422, issue: 'AUTHORIZATION_DENIED' },
  authorization_voided: { status: 422, issue: 'AUTHORIZATION_VOIDED' },
  authorization_expired: { status: 422, issue: 'AUTHORIZATION_EXPIRED' },
  already_captured: { status: 422, issue: 'AUTHORIZATION_ALREADY_CAPTURED' },
  capture_exceeds_authorization: { status: 422, issue: 'MAX_CAPTURE_AMOUNT_EXCEEDED' },
  already_voided: { status: 422, issue: 'PREVIOUSLY_VOIDED' },
  void_after_capture: { status: 422, issue: 'PREVIOUSLY_CAPTURED' },
  nothing_to_void: { status: 422, issue: 'CANNOT_BE_VOIDED' },
  already_refunded: { status: 422, issue: 'CAPTURE_FULLY_REFUNDED' },
  refund_exceeds_capture: { status: 422, issue: 'REFUND_AMOUNT_EXCEEDED' },
  nothing_captured: { status: 422, issue: 'REFUND_NOT_ALLOWED' },
};

/** Where the same refusal is called otherwise in another operation. */
const OF_KIND: Partial<Record<Kind, Partial<Record<ProblemCode, string>>>> = {
  void: { authorization_expired: 'CANNOT_BE_VOIDED' },
};

/** What is declined at a step that has no record of its own to say so. */
const DECLINES: Partial<Record<Kind, string>> = {
  capture: 'PAYER_CANNOT_PAY',
  refund: 'REFUND_FAILED_INSUFFICIENT_FUNDS',
  void: 'CANNOT_BE_VOIDED',
};

export function refuseInWords({ code, detail }: Refusal, kind?: Kind): Reply {
  const { status, issue } = WORDS[code] ?? { status: 400, issue: 'INVALID_PARAMETER_VALUE' };
  const own = kind === undefined ? undefined : OF_KIND[kind]?.[code];
  return errorReply(status, own ?? issue, detail);
}

export function declinedInWords(kind: Kind): Reply {
  return errorReply(422, DECLINES[kind] ?? 'INSTRUMENT_DECLINED', 'Declined by the simulator.');
}

export function errorReply(status: number, issue: string, description: string): Reply {
  const name = NAMES[status] ?? 'INVALID_REQUEST';
  // A failure of PayPal's own, and too many requests, name no issue.
  const details = status >= 429 ? {} : { details: [{ issue, description }] };
  return { status, body: { name, message: MESSAGES[name], ...details, links: [] } };
}

export function refused(status: number, issue: string, description: string): Said {
  return { is: 'said', reply: errorReply(status, issue, description) };
}
