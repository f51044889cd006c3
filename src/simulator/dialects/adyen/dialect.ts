/** Adyen's dialect: the Checkout API, version 72; modifications are answered `received`, their end comes by webhook. */

import type { Dialect } from '../../simulator.ts';
import { refuseInWords } from './errors.ts';
import { mint } from './ids.ts';
import { adyenLetters } from './letters.ts';
import { voidSale } from './modifications.ts';
import { returnTo } from './payments.ts';
import { ADYEN } from './request.ts';
import { read } from './routes.ts';

export const adyen: Dialect = {
  name: ADYEN,
  idempotency: { replays: 'first_answer', keepsServerErrors: false, replayedHeaders: {} },
  read,
  refuse: refuseInWords,
  garbled: { status: 200, body: '{"pspReference":"QFQTPCQ8HX' },
  dress(reply, { headers }) {
    const key = headers['idempotency-key'];
    const echo = typeof key === 'string' ? { 'idempotency-key': key } : {};
    return { ...reply, headers: { ...reply.headers, ...echo } };
  },
  mint,
  letters: adyenLetters,
  voidSale,
  returnTo,
};
