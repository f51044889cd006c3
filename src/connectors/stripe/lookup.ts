/** What became of an operation, asked in the way that Stripe offers for its kind; nothing is moved. */

import type Stripe from 'stripe';
import type { Outcome } from '../../core/outcome.ts';
import type { LookUpResult, ProviderRequest } from '../port.ts';
import type { Read } from './answer.ts';
import { isCaptured, readCapture } from './capture.ts';
import type { Result } from './client.ts';
import { type Ask, type Found, findIntent, findRefund } from './find.ts';
import { intentOf, readAuthorization, retrieveIntent } from './intents.ts';
import { readRefund } from './refund.ts';
import { isReleased, readVoid } from './void.ts';
import { idOf, isObject, textOf, type WireIntent, within } from './wire.ts';

export async function lookUp(request: ProviderRequest, ask: Ask, nowMs: number): Promise<LookUpResult> {
  switch (request.kind) {
    case 'authorize':
      return readIntent(await findAndRetrieve(request, ask, nowMs), request, (intent) =>
        wasAttempted(intent) ? readAuthorization : null,
      );
    case 'complete': {
      const result = await ask(retrieveIntent(request.providerReference));
      return readIntent(retrieved(result), request, () => readAuthorization);
    }
    case 'capture': {
      const found = retrieved(await ask(retrieveIntent(request.providerReference)));
      return readIntent(found, request, (intent) => (isCaptured(request, intent) ? readCapture : null));
    }
    case 'void':
      return readIntent(await findAndRetrieve(request, ask, nowMs), request, (intent) =>
        isReleased(request, intent) ? readVoid : null,
      );
    case 'refund':
      return looked(await findRefund(request, ask), (object) => readRefund(request, object));
    default:
      return request satisfies never;
  }
}

/** By its id, once Stripe has told it; else by what we told Stripe. */
async function findAndRetrieve(
  request: Extract<ProviderRequest, { kind: 'authorize' | 'void' }>,
  ask: Ask,
  nowMs: number,
): Promise<Found> {
  const known = request.providerReference ?? null;
  if (known !== null) return retrieved(await ask(retrieveIntent(known)));
  const found = await findIntent(request, ask, nowMs);
  const id = found.kind === 'found' ? idOf(found.object) : null;
  return id === null ? found : retrieved(await ask(retrieveIntent(id)));
}

/** `missing` only in Stripe's own words: a 404 from anything on the way is no evidence. */
function retrieved(result: Result): Found {
  if (result.kind === 'failed') return { kind: 'unavailable', reason: result.failure.reason, result };
  const { status, json } = result;
  if (status === 200) return { kind: 'found', object: json, result };
  const error = within<Stripe.StripeRawError>(isObject(json) ? json['error'] : null);
  const code = textOf(error, 'code');
  if (status === 404 && code === 'resource_missing') return { kind: 'not_found', result };
  return {
    kind: 'unavailable',
    reason: code ?? (status === 429 ? 'rate_limited' : `http_${status}`),
    result,
  };
}

/** `how`: by what the payment says, what to read in it; null where it says that the operation was not done yet. */
function readIntent(
  found: Found,
  request: ProviderRequest,
  how: (intent: WireIntent) => Read | null,
): LookUpResult {
  return looked(found, (object) => {
    const about = intentOf(request, object);
    const read = about && how(about.intent);
    if (about !== null && read === null) return null;
    return read ? read(request, object) : { kind: 'unknown', reason: 'unreadable_answer' };
  });
}

function looked(found: Found, read: (object: unknown) => Outcome | null): LookUpResult {
  const { call } = found.result;
  if (found.kind === 'not_found') return { kind: 'not_found', call };
  if (found.kind === 'undecided') return { kind: 'undecided', awaits: found.awaits, call };
  if (found.kind === 'unavailable') return { kind: 'unavailable', reason: found.reason, call };
  const outcome = read(found.object);
  if (outcome === null) return { kind: 'not_found', call };
  return outcome.kind === 'unknown'
    ? { kind: 'unavailable', reason: outcome.reason, call }
    : { kind: 'found', outcome, call };
}

/** An error of Stripe's may leave a payment behind that no bank was ever asked about: nothing will come of it. */
function wasAttempted({ status, last_payment_error }: WireIntent): boolean {
  if (status === 'requires_payment_method') return isObject(last_payment_error);
  return status !== 'requires_confirmation';
}
