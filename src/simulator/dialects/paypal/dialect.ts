/** PayPal's dialect: OAuth tokens, JSON, the present state for a repeated request id while it is kept. */

import type { Dialect } from '../../simulator.ts';
import { refuseInWords } from './errors.ts';
import { mint } from './ids.ts';
import { paypalLetters } from './letters.ts';
import { PAYPAL } from './request.ts';
import { read } from './routes.ts';

export const paypal: Dialect = {
  name: PAYPAL,
  idempotency: { replays: 'present', keepsServerErrors: false, replayedHeaders: {} },
  read,
  refuse: refuseInWords,
  garbled: { status: 201, body: '{"id":"5O190127TN36' },
  dress(reply, _, at) {
    const id = at.id('ch').slice(0, 13).toLowerCase();
    return {
      ...reply,
      headers: { date: new Date(at.now).toUTCString(), ...reply.headers, 'paypal-debug-id': id },
    };
  },
  mint,
  letters: paypalLetters,
  /** The order's id is added, as PayPal does. */
  returnTo({ id, returnUrl }) {
    if (returnUrl === null) return null;
    const url = new URL(returnUrl);
    url.searchParams.set('token', id);
    return url.href;
  },
};
