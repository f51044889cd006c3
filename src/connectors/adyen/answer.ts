/** What Adyen's answers mean: the one place where its words become ours. */

import type { Outcome } from '../../core/outcome.ts';
import { isObject, type Json, textOf } from '../json.ts';
import type { ProviderRequest } from '../port.ts';
import type { Result } from './client.ts';
import { readPayment } from './payment.ts';
import { pspReferenceOf } from './void.ts';

export const UNREADABLE: Outcome = { kind: 'unknown', reason: 'unreadable_answer' };

export function outcomeOf(request: ProviderRequest, result: Result): Outcome {
  if (result.kind === 'failed') return result.failure;
  const { status, json } = result;
  if (status === 429) return { kind: 'not_sent', evidence: 'rate_limited', reason: 'http_429' };
  if (!isObject(json)) return status >= 500 ? SERVER_ERROR : UNREADABLE;
  if (status === 200 || status === 201) return readAnswer(request, json);
  return status >= 400 ? readError(status, json) : UNREADABLE;
}

const SERVER_ERROR: Outcome = { kind: 'unknown', reason: 'server_error' };

function readAnswer(request: ProviderRequest, json: Json): Outcome {
  switch (request.kind) {
    case 'authorize':
    case 'complete':
      return readPayment(request, json);
    case 'capture':
    case 'refund':
    case 'void':
      return readReceived(request, json);
    default:
      return request satisfies never;
  }
}

/** A modification was taken: its result comes by webhook. An answer about another payment is unreadable. */
function readReceived(
  request: Extract<ProviderRequest, { kind: 'capture' | 'refund' | 'void' }>,
  json: Json,
): Outcome {
  const psp = pspReferenceOf(request);
  if (textOf(json, 'status') !== 'received' || textOf(json, 'pspReference') === null) return UNREADABLE;
  if (psp !== null && textOf(json, 'paymentPspReference') !== psp) return UNREADABLE;
  return { kind: 'pending', provider_reference: psp };
}

/**
 * A refusal counts as final only in Adyen's own words. A configuration that it lacks is one too, though its status is
 * a 500; every other 500 says nothing. 704: the key is in use, or was; what it did is as unknown as before.
 */
function readError(status: number, json: Json): Outcome {
  const code = textOf(json, 'errorCode');
  const type = textOf(json, 'errorType');
  // The key is wrong or may not do this: nothing was looked at. Of a repetition it says nothing of the call before.
  if (status === 401 || status === 403)
    return { kind: 'not_sent', evidence: 'not_begun', reason: `no access: ${code ?? status}` };
  if (status >= 500 && type !== 'configuration') return SERVER_ERROR;
  if (code === null || type === null || status === 408 || status === 409) return UNREADABLE;
  if (code === '704') return { kind: 'unknown', reason: 'in_flight' };
  const message = textOf(json, 'message') ?? code;
  return { kind: 'rejected', raw_code: code, message, provider_reference: null };
}
