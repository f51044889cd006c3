/** What PayPal's answers mean: errors here, resources in the files of their operations. */

import type { Decline } from '../../core/declines.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { Result } from './client.ts';
import { declineOf, declineOfIssue } from './codes.ts';
import { textAt } from './json.ts';

export const UNREADABLE: Outcome = { kind: 'unknown', reason: 'unreadable_answer' };

/** Answers that say that something was done before: by the first call of this operation, or by somebody else. */
const DONE_BEFORE: ReadonlySet<string> = new Set([
  'DUPLICATE_INVOICE_ID',
  'DUPLICATE_REQUEST_ID',
  'ORDER_ALREADY_AUTHORIZED',
  'ORDER_ALREADY_CAPTURED',
  'ORDER_COMPLETED_OR_VOIDED',
  'MAX_AUTHORIZATION_COUNT_EXCEEDED',
  'AUTHORIZATION_ALREADY_CAPTURED',
  'AUTHORIZATION_VOIDED',
  'PREVIOUSLY_VOIDED',
  'PREVIOUSLY_CAPTURED',
  'CAPTURE_FULLY_REFUNDED',
  'REFUND_AMOUNT_EXCEEDED',
  'MAX_CAPTURE_AMOUNT_EXCEEDED',
]);
const IN_FLIGHT: ReadonlySet<string> = new Set([
  'PREVIOUS_REQUEST_IN_PROGRESS',
  'ORDER_COMPLETION_IN_PROGRESS',
]);

/** What the call came to; `read` is for what PayPal says when it has done it. */
export function outcomeOf(result: Result, read: (json: unknown) => Outcome): Outcome {
  if (result.kind === 'failed') return result.failure;
  const { status, json } = result;
  if (status === 429) return { kind: 'not_sent', evidence: 'rate_limited', reason: 'http_429' };
  if (status >= 500) return { kind: 'unknown', reason: 'server_error' };
  if (status === 200 || status === 201 || status === 204) return read(json);
  return status >= 400 ? readError(status, json) : UNREADABLE;
}

/** A refusal is final only in PayPal's own words: the bare status may come from anything on the way. */
function readError(status: number, json: unknown): Outcome {
  const issue = issueOf(json);
  if (issue === null) return UNREADABLE;
  if (status === 401) return { kind: 'not_sent', evidence: 'not_begun', reason: `no access: ${issue}` };
  if (IN_FLIGHT.has(issue)) return { kind: 'unknown', reason: 'in_flight' };
  if (DONE_BEFORE.has(issue)) return { kind: 'unknown', reason: 'already_done' };
  if (status === 409 || status === 408) return UNREADABLE;
  const declined = declineOfIssue(issue);
  if (declined !== null) return declinedAs(declined, null, null);
  return rejected(issue, textAt(json, 'details', 0, 'description') ?? textAt(json, 'message') ?? issue);
}

/** The name of an OAuth error stands elsewhere. */
export function issueOf(json: unknown): string | null {
  return textAt(json, 'details', 0, 'issue') ?? textAt(json, 'name') ?? textAt(json, 'error');
}

export function rejected(raw_code: string, message: string): Outcome {
  return { kind: 'rejected', raw_code, message, provider_reference: null };
}

/** A resource of PayPal's that says that it was declined, with the processor's code where there is one. */
export function declineIn(resource: unknown): Decline {
  const advice = textAt(resource, 'processor_response', 'payment_advice_code');
  const code = textAt(resource, 'processor_response', 'response_code');
  return declineOf(code ?? textAt(resource, 'status_details', 'reason') ?? 'DECLINED', advice);
}

export function declinedAs(
  decline: Decline,
  provider_reference: string | null,
  provider_at: string | null,
): Outcome {
  return { kind: 'declined', decline, provider_reference, provider_at };
}
