/** Braintree's dialect: JSON in, XML out, no idempotency keys, few webhooks, a search that lags. */

import type { Dialect } from '../../simulator.ts';
import { withdraw } from './changes.ts';
import { refuseInWords } from './errors.ts';
import { mint } from './ids.ts';
import { braintreeLetters } from './letters.ts';
import { read } from './routes.ts';
import { BRAINTREE } from './wire.ts';

export const braintree: Dialect = {
  name: BRAINTREE,
  idempotency: { replays: 'nothing', keepsServerErrors: false, replayedHeaders: {} },
  read,
  refuse: refuseInWords,
  garbled: { status: 201, body: '<?xml version="1.0" encoding="UTF-8"?>\n<transaction>\n  <id>8' },
  dress: (reply) => ({
    ...reply,
    headers: { 'content-type': 'application/xml; charset=utf-8', ...reply.headers },
  }),
  mint,
  letters: braintreeLetters,
  voidSale: withdraw,
  returnTo: () => null,
};
