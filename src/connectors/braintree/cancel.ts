/** A void whose transaction may not be known: found by the search first, so that it is two calls. */

import type { Answer, VoidRequest } from '../port.ts';
import { outcomeOf } from './answer.ts';
import type { Call, Result } from './client.ts';
import { salesOf } from './lookup.ts';
import type { Ask } from './reading.ts';
import { voidCall } from './void.ts';

/**
 * Without an id: whatever the search shows is voided. While it shows nothing, nothing is done, and that is said: an
 * approval that comes to light later is voided then, by its id.
 */
export async function cancel(
  ask: Ask,
  send: (call: Call) => Promise<Result>,
  request: VoidRequest,
): Promise<Answer> {
  const known = request.providerReference;
  if (known !== null) return answered(request, await send(voidCall(known)));
  const sales = await salesOf(ask, request);
  const { call } = sales;
  if (sales.kind === 'unavailable')
    return { outcome: { kind: 'not_sent', evidence: 'connection_refused', reason: sales.reason }, call };
  const open = sales.value.find(({ status }) => status === 'authorized' || status === 'voided');
  if (open !== undefined) return answered(request, await send(voidCall(open.id)));
  const message = 'The search shows no authorisation under this order id.';
  return { outcome: { kind: 'rejected', raw_code: 'not_found', message, provider_reference: null }, call };
}

function answered(request: VoidRequest, result: Result): Answer {
  return { outcome: outcomeOf(request, result), call: result.call };
}
