/** Stripe's dialect: form bodies, keys as Bearer or Basic, the first answer to a key repeated for a day. */

import type { Charge } from '../../books.ts';
import type { Dialect, WireRequest } from '../../simulator.ts';
import type { Reply } from '../../view.ts';
import { refuseInWords } from './errors.ts';
import { API_VERSION } from './events.ts';
import { mint, thingId } from './ids.ts';
import { stripeLetters } from './letters.ts';
import { STRIPE } from './request.ts';
import { read } from './routes.ts';
import { wireOf } from './things.ts';

export const stripe: Dialect = {
  name: STRIPE,
  idempotency: {
    replays: 'first_answer',
    keepsServerErrors: true,
    replayedHeaders: { 'idempotent-replayed': 'true' },
  },
  read,
  refuse: refuseInWords,
  garbled: { status: 200, body: '{\n  "id": "pi_' },
  dress(reply, request, at) {
    return {
      ...reply,
      headers: { ...reply.headers, ...headersOf(reply, request, thingId('req', at.id('ch'))) },
    };
  },
  mint,
  letters: stripeLetters,
  returnTo,
};

/** Told in the address: which payment it was, and whether the customer passed. */
function returnTo(charge: Charge): string | null {
  if (charge.returnUrl === null) return null;
  const url = new URL(charge.returnUrl);
  const { intent } = wireOf(charge);
  url.searchParams.set('payment_intent', intent);
  url.searchParams.set('payment_intent_client_secret', `${intent}_secret_${intent.slice(3)}`);
  url.searchParams.set('redirect_status', charge.state === 'declined' ? 'failed' : 'succeeded');
  return url.href;
}

/** What the SDK goes by: the request's id in every error, and whether a repetition makes sense. */
function headersOf({ status }: Reply, { headers }: WireRequest, id: string): Record<string, string> {
  const key = headers['idempotency-key'];
  const retry = status === 409 || status >= 500 ? { 'stripe-should-retry': String(status === 409) } : {};
  return {
    'request-id': id,
    'stripe-version': String(headers['stripe-version'] ?? API_VERSION),
    ...(typeof key === 'string' ? { 'idempotency-key': key } : {}),
    ...retry,
  };
}
