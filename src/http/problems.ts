/** Errors as RFC 9457 problem documents. The code is the contract; the HTTP status only groups codes. */

import { ERROR_CODES, type ErrorCode, errorRule } from '../core/errors.ts';

export type Problem = { status: number; body: object };

/** `more` adds members, or says in `detail` what to do in this very case. */
export type ProblemOf = (code: ErrorCode, more?: object) => Problem;

/** What stops a request on its way: thrown anywhere below http, answered in one place. */
export class Refused extends Error {
  readonly code: ErrorCode;
  readonly more: object;
  readonly headers: Record<string, string>;

  constructor(code: ErrorCode, more: object = {}, headers: Record<string, string> = {}) {
    super(code);
    this.name = 'Refused';
    this.code = code;
    this.more = more;
    this.headers = headers;
  }
}

export const STATUS_OF: Record<ErrorCode, number> = {
  invalid_request: 400,
  invalid_json: 400,
  unsupported_media_type: 415,
  card_number_refused: 400,
  body_too_large: 413,
  authentication_required: 401,
  webhook_account_unknown: 404,
  webhook_signature_refused: 401,
  permission_denied: 403,
  not_found: 404,
  method_not_allowed: 405,
  payment_not_found: 404,
  capture_not_found: 404,
  refund_not_found: 404,
  webhook_endpoint_not_found: 404,
  delivery_not_found: 404,
  provider_webhook_not_found: 404,
  webhook_replay_not_found: 404,
  webhook_replay_empty: 422,
  webhook_replay_too_large: 422,
  too_many_webhook_replays: 409,
  webhook_replay_same_person: 403,
  webhook_replay_not_open: 409,
  too_many_webhook_endpoints: 409,
  provider_account_unknown: 422,
  provider_account_missing: 503,
  rate_limited: 429,
  idempotency_key_missing: 400,
  idempotency_key_invalid: 400,
  idempotency_key_reused: 422,
  idempotency_key_in_use: 409,
  stream_busy: 409,
  overloaded: 503,
  database_unavailable: 503,
  shutting_down: 503,
  internal_error: 500,
  payment_exists: 409,
  payment_method_missing: 422,
  payment_method_unconfirmed: 422,
  payment_not_confirmable: 409,
  customer_action_pending: 409,
  nothing_to_complete: 409,
  nothing_to_expire: 409,
  not_supported_by_provider: 422,
  payment_not_capturable: 409,
  amount_exceeds_capturable: 422,
  payment_not_voidable: 409,
  payment_already_voided: 409,
  payment_already_captured: 409,
  payment_not_refundable: 409,
  amount_exceeds_refundable: 422,
  too_many_attempts: 409,
  too_many_captures: 409,
  too_many_refunds: 409,
  operation_unresolved: 409,
  provider_not_reached: 422,
  capture_refused: 422,
  void_refused: 422,
};

/** `publicUrl`: where this server is reached from outside; `type` leads to the page on the error there. */
export function createProblems(publicUrl: string): ProblemOf {
  const documents = new Map(ERROR_CODES.map((code) => [code, documentOf(code, publicUrl)]));
  return (code, more) => ({ status: STATUS_OF[code], body: { ...documents.get(code), ...more } });
}

function documentOf(code: ErrorCode, publicUrl: string): object {
  const { title, remedy, retry, customer_action_required, outcome } = errorRule(code);
  const page = `${publicUrl}/docs/errors`;
  return {
    type: `${page}#${code}`,
    title,
    status: STATUS_OF[code],
    detail: remedy,
    code,
    retry,
    customer_action_required,
    outcome,
    ...(code.startsWith('idempotency_key_') && { documentation: `${page}#idempotency` }),
  };
}
