/** Refusals as Adyen words them: `ServiceError` of the Checkout API. */

import type { ProblemCode, Refusal } from '../../problems.ts';
import type { Said } from '../../simulator.ts';
import type { Reply } from '../../view.ts';

type ErrorType = 'validation' | 'security' | 'internal' | 'configuration';
type Worded = readonly [status: number, errorCode: string, errorType: ErrorType, message?: string];

const WORDS: Partial<Record<ProblemCode, Worded>> = {
  no_such_route: [
    404,
    '000',
    'validation',
    'Unrecognised address: the guide to the simulator lists those it has.',
  ],
  not_found: [422, '167', 'validation', 'Original pspReference required for this operation'],
  in_flight: [422, '704', 'validation', 'request already processed or in progress'],
  idempotency_key_reused: [422, '704', 'validation', 'The key was used for another request.'],
  idempotency_key_missing: [422, '702', 'validation', 'Idempotency-Key must have at most 64 characters.'],
  rate_limited: [429, '000', 'validation', 'Too many requests'],
  server_error: [500, '000', 'internal', 'An internal error occurred'],
  books_not_written: [503, '000', 'internal'],
  books_full: [507, '000', 'internal'],
};

/** Adyen marks what it has surely not kept: the same key may be sent again at once. */
const TRANSIENT: ReadonlySet<ProblemCode> = new Set(['in_flight', 'rate_limited']);

export function refuseInWords({ code, detail }: Refusal): Reply {
  const [status, errorCode, errorType, message = detail] = WORDS[code] ?? [422, '702', 'validation'];
  const reply = errorReply(status, errorCode, errorType, message);
  return TRANSIENT.has(code) ? { ...reply, headers: { 'transient-error': 'true' } } : reply;
}

export function errorReply(status: number, errorCode: string, errorType: ErrorType, message: string): Reply {
  return { status, body: { status, errorCode, message, errorType } };
}

export function invalid(errorCode: string, message: string): Said {
  return said(errorReply(422, errorCode, 'validation', message));
}

export function said(reply: Reply): Said {
  return { is: 'said', reply };
}
