/**
 * The catalogue of errors: every code that a caller can meet, what it means, and what to do. Types, answers
 * and the reference page are made from it, so they cannot drift apart. A code is never reused or renamed.
 */

import { type ErrorRule, error } from './error-rule.ts';
import { REJECTIONS } from './payment/rejections.ts';

const CATALOGUE = {
  // Refused before any work began: nothing is stored, the key is not used up.
  invalid_request: error(
    'The request is not valid.',
    'Correct the fields named in errors and send it again.',
    'same_key',
  ),
  invalid_json: error('The body is not valid JSON.', 'Send one JSON object in UTF-8.', 'same_key'),
  unsupported_media_type: error('The body is not JSON.', 'Send Content-Type: application/json.', 'same_key'),
  card_number_refused: error(
    'A field holds what looks like a card number.',
    'Never send card numbers here: send the token of a payment method. If it is no card number, write it with letters between the digits.',
    'same_key',
  ),
  body_too_large: error(
    'The body is too large.',
    'Send at most 64 KiB; a webhook may have 1 MiB.',
    'same_key',
  ),
  authentication_required: error(
    'No valid API key was given.',
    'Send Authorization: Bearer <secret key>.',
    'same_key',
  ),
  webhook_account_unknown: error(
    'No such provider account receives webhooks here.',
    'Check the address: /webhooks/{provider}/{account}, and that the account has a webhook secret.',
    'no',
  ),
  webhook_signature_refused: error(
    'The webhook is not signed with a secret of this account.',
    'Compare the secret at the provider with the one configured here; while one is rotated, configure both.',
    'same_key',
  ),
  permission_denied: error(
    'The API key may not do this.',
    'Use a secret key with the scope that the detail names.',
    'same_key',
  ),
  not_found: error(
    'There is nothing at this address.',
    'Check the path; GET /openapi.json lists all of them.',
    'no',
  ),
  method_not_allowed: error(
    'The address does not take this method.',
    'See GET /openapi.json for the methods it takes.',
    'no',
  ),
  payment_not_found: error(
    'There is no such payment.',
    'Check the id, and that the key is of the same mode (test or live).',
    'no',
  ),
  capture_not_found: error(
    'There is no such capture.',
    'Check the id, and that the key is of the same mode (test or live).',
    'no',
  ),
  refund_not_found: error(
    'There is no such refund.',
    'Check the id, and that the key is of the same mode (test or live).',
    'no',
  ),
  webhook_endpoint_not_found: error(
    'There is no such webhook endpoint.',
    'Check the id, and that the key is of the same mode (test or live).',
    'no',
  ),
  delivery_not_found: error(
    'There is no such delivery that could be sent again.',
    'Check the id; one that is being sent right now can be sent again in a minute.',
    'same_key',
  ),
  provider_webhook_not_found: error(
    'There is no such delivery of a provider.',
    'Check the id; what is done is kept for 90 days.',
    'no',
  ),
  webhook_replay_not_found: error('There is no such replay.', 'Check the id.', 'no'),
  webhook_replay_empty: error(
    'No delivery is selected.',
    'Look with GET /v1/provider_webhooks, then name what is there.',
    'same_key',
  ),
  webhook_replay_too_large: error(
    'The replay is of more deliveries than go at once.',
    'Narrow it with from and to, or send override if all of them are meant.',
    'same_key',
  ),
  too_many_webhook_replays: error(
    'As many replays are open as may be.',
    'Wait until one is finished, or decide on those that wait for approval.',
    'same_key',
  ),
  webhook_replay_same_person: error(
    'Who asked for a replay cannot approve it.',
    'Have another person approve it, with a key of their own.',
    'no',
  ),
  webhook_replay_not_open: error(
    'There is nothing left to decide about the replay.',
    'Retrieve it to see where it stands; if it has expired, ask for it again.',
    'no',
  ),
  too_many_webhook_endpoints: error(
    'There are as many webhook endpoints as a merchant may have.',
    'Delete one that is not used, then send the same request again.',
    'same_key',
  ),
  provider_account_unknown: error(
    'There is no such provider account.',
    'Name an account that is configured here, or leave provider_account out.',
    'same_key',
  ),
  provider_account_missing: error(
    'The provider account of this payment is not configured.',
    'Nothing was sent. Have whoever runs the platform restore the account, then send the same request with the same key.',
    'same_key',
  ),
  rate_limited: error(
    'Too many requests.',
    'Wait for the seconds in Retry-After, then send the same request again.',
    'same_key',
  ),
  idempotency_key_missing: error(
    'The Idempotency-Key header is missing.',
    'Send a key of your own with every POST, unique per intent: an order number with a step, or a UUID.',
    'same_key',
  ),
  idempotency_key_invalid: error(
    'The Idempotency-Key is not valid.',
    'Send 1 to 255 printable ASCII characters.',
    'new_key',
  ),
  idempotency_key_reused: error(
    'The Idempotency-Key was used for another request.',
    'Send the original request with this key, or a new key for a new intent.',
    'new_key',
  ),
  idempotency_key_in_use: error(
    'A request with this Idempotency-Key is under way.',
    'Wait for the seconds in Retry-After, then send the same request with the same key.',
    'same_key',
    { outcome: 'unknown' },
  ),
  stream_busy: error(
    'The payment is being changed by others.',
    'Send the same request with the same key in a moment.',
    'same_key',
  ),
  overloaded: error(
    'The service is at its limit.',
    'Send the same request with the same key in a few seconds.',
    'same_key',
  ),
  database_unavailable: error(
    'The database cannot be reached.',
    'Send the same request with the same key in a few seconds.',
    'same_key',
    { outcome: 'unknown' },
  ),
  shutting_down: error(
    'The service is stopping.',
    'Send the same request with the same key in a moment.',
    'same_key',
    { outcome: 'unknown' },
  ),
  internal_error: error(
    'Something went wrong on our side.',
    'Send the same request with the same key: it goes on where it stopped and never moves money twice.',
    'same_key',
    { outcome: 'unknown' },
  ),
  payment_method_unconfirmed: error(
    'Encrypted payment details are for one charge, and are not kept for later.',
    'Create the payment with confirm, or without payment_method and send that when you confirm it.',
    'new_key',
  ),
  ...REJECTIONS,
} as const satisfies Record<string, ErrorRule>;

export type ErrorCode = keyof typeof CATALOGUE;

export const ERROR_CODES = Object.keys(CATALOGUE) as ErrorCode[];

export function errorRule(code: ErrorCode): ErrorRule {
  return CATALOGUE[code];
}
