/** What Checkout.com's answers mean: the one place where its words become ours. */

import type { Outcome } from '../../core/outcome.ts';
import { isObject, type Json, textOf } from '../json.ts';
import type { ProviderRequest } from '../port.ts';
import { errorOf, type Result } from './client.ts';
import { readPayment, UNREADABLE } from './payment.ts';

export function outcomeOf(request: ProviderRequest, result: Result): Outcome {
  if (result.kind === 'failed') return result.failure;
  const { status, json } = result;
  if (status >= 500) return { kind: 'unknown', reason: 'server_error' };
  // Too many requests, or another with this key is at work: the same answer for both.
  if (status === 429) return { kind: 'unknown', reason: 'in_flight' };
  // The key is wrong: nothing was looked at. Of a repetition it says nothing of the call before.
  if (status === 401) return { kind: 'not_sent', evidence: 'not_begun', reason: 'no access' };
  if (status >= 400) return readError(json);
  return isObject(json) ? readAnswer(request, status, json) : UNREADABLE;
}

function readAnswer(request: ProviderRequest, status: number, json: Json): Outcome {
  switch (request.kind) {
    case 'authorize':
    case 'complete':
      return readPayment(request, json);
    case 'capture':
    case 'refund':
    case 'void':
      return readAccepted(request, status, json);
    default:
      return request satisfies never;
  }
}

/** Accepted: webhook or look-up tell how it ended. 200 is the id of an action that had done it before. */
function readAccepted(
  { operation, providerReference }: Extract<ProviderRequest, { kind: 'capture' | 'refund' | 'void' }>,
  status: number,
  json: Json,
): Outcome {
  if (status === 200) return { kind: 'unknown', reason: 'already_done' };
  const about = textOf(json, 'reference') ?? operation;
  if (status !== 202 || about !== operation || textOf(json, 'action_id') === null) return UNREADABLE;
  return { kind: 'pending', provider_reference: providerReference };
}

/** Final only in Checkout.com's own words: the bare status may come from anything on the way. */
function readError(json: unknown): Outcome {
  const code = errorOf(json);
  if (code === null) return UNREADABLE;
  const message = `Checkout.com refused the request: ${code}`;
  return { kind: 'rejected', raw_code: code, message, provider_reference: null };
}
