/** Refusals as Braintree words them: an error response with validation errors, or a bare status. */

import type { ProblemCode, Refusal } from '../../problems.ts';
import type { Said } from '../../simulator.ts';
import type { Reply } from '../../view.ts';
import { list, toXml, type XmlFields } from './xml.ts';

type Error = { code: string; attribute: string; message: string };

/** Of the SDK's `validation_error_codes`. */
const MESSAGES = {
  '81503': ['amount', 'Amount is an invalid format.'],
  '81502': ['amount', 'Amount is required.'],
  '81715': ['number', 'Credit card number is invalid.'],
  '91504': ['base', 'Transaction can only be voided if status is authorized or submitted_for_settlement.'],
  '91506': ['base', 'Cannot refund transaction unless it is settled.'],
  '91507': ['base', 'Cannot submit for settlement unless status is authorized.'],
  '91508': ['base', 'Cannot determine payment method.'],
  '91512': ['base', 'Transaction has already been completely refunded.'],
  '91518': ['payment_method_token', 'Payment method token is invalid.'],
  '91521': ['amount', 'Refund amount is too large.'],
  '91522': ['amount', 'Settlement amount is too large.'],
  '91564': ['payment_method_nonce', 'Cannot use a payment_method_nonce more than once.'],
  '91565': ['payment_method_nonce', 'Unknown or expired payment_method_nonce.'],
  '91575': ['base', 'Cannot simulate a settlement for this transaction.'],
  '915103': ['base', 'Cannot submit for partial settlement.'],
  '915201': ['base', 'Refund authorization was declined. It may succeed later.'],
  '915233': ['api_request_key', 'A request with this key is in progress.'],
} as const satisfies Record<string, readonly [string, string]>;

export type ErrorCode = keyof typeof MESSAGES;

/** What the books refuse, by operation: the same refusal is another error elsewhere. */
const REFUSALS: Partial<Record<ProblemCode, ErrorCode>> = {
  already_captured: '91507',
  authorization_voided: '91507',
  authorization_expired: '91507',
  not_authorized: '91507',
  capture_exceeds_authorization: '91522',
  already_voided: '91504',
  nothing_to_void: '91504',
  void_after_capture: '91504',
  nothing_captured: '91506',
  already_refunded: '91512',
  refund_exceeds_capture: '91521',
};

export function errorOfRefusal(code: string): ErrorCode {
  return REFUSALS[code as ProblemCode] ?? '91507';
}

const STATUS: Partial<Record<ProblemCode, number>> = {
  no_such_route: 404,
  not_found: 404,
  rate_limited: 429,
  server_error: 500,
  books_not_written: 503,
  books_full: 503,
  too_large: 413,
};

/** Braintree says next to nothing beside the status where it is not about the fields of a request. */
export function refuseInWords({ code }: Refusal): Reply {
  const status = STATUS[code];
  if (status !== undefined) return bare(status);
  return invalid(code === 'in_flight' ? '915233' : errorOfRefusal(code));
}

export function bare(status: number): Reply {
  return { status, body: '' };
}

/** Nothing was tried: a field or the transaction's state forbids it. */
export function invalid(code: ErrorCode): Reply {
  const [attribute, message] = MESSAGES[code];
  return errorReply(message, [{ code, attribute, message }]);
}

/** Tried and refused: the transaction that it became is told beside. */
export function errorReply(message: string, errors: readonly Error[], transaction?: XmlFields): Reply {
  const at = { errors: list('error', errors) };
  const body = toXml('api-error-response', {
    errors: { errors: list('error', []), ...(errors.length === 0 ? {} : { transaction: at }) },
    message,
    ...(transaction === undefined ? {} : { transaction }),
  });
  return { status: 422, body };
}

export function said(reply: Reply): Said {
  return { is: 'said', reply };
}
