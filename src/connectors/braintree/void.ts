/** Releases an authorisation. Where its id is not known the search has to find it first, so that it is two calls. */

import type { Answer, VoidRequest } from '../port.ts';
import { outcomeOf } from './answer.ts';
import type { Call, Result } from './client.ts';
import { salesOf } from './lookup.ts';
import type { Ask } from './reading.ts';
import type { Transaction } from './transaction.ts';

/**
 * Without an id: whatever the search shows is voided. While it shows nothing, nothing is done, and that is said: an
 * approval that comes to light later is voided then, by its id.
 */
export async function performVoid(
  ask: Ask,
  send: (call: Call) => Promise<Result>,
  request: VoidRequest,
): Promise<Answer> {
  const known = request.providerReference;
  if (known !== null) return answered(request, await send(voidCall(known)));
  const sales = await salesOf(ask, request);
  const { call } = sales;
  if (sales.kind === 'unavailable')
    return { outcome: { kind: 'not_sent', evidence: 'not_begun', reason: sales.reason }, call };
  const open = sales.value.find(({ status }) => !NOTHING_HELD.has(status));
  if (open !== undefined) return answered(request, await send(voidCall(open.id)));
  const message = 'The search shows no authorisation under this order id.';
  return { outcome: { kind: 'rejected', raw_code: 'not_found', message, provider_reference: null }, call };
}

/** Voided counts as held: to be voided once more is answered as done already. */
const NOTHING_HELD: ReadonlySet<Transaction['status']> = new Set<Transaction['status']>([
  'processor_declined',
  'gateway_rejected',
  'failed',
  'authorization_expired',
]);

function answered(request: VoidRequest, result: Result): Answer {
  return { outcome: outcomeOf(request, result), call: result.call };
}

function voidCall(id: string): Call {
  const route = '/transactions/{id}/void';
  return { method: 'PUT', path: `/transactions/${encodeURIComponent(id)}/void`, route };
}
