/** Checkout.com's dialect: JSON; captures, voids and refunds are accepted, and told by webhook or when asked for. */

import type { IdPrefix } from '../../rules.ts';
import type { Dialect } from '../../simulator.ts';
import { randomText } from '../ids.ts';
import { refuseInWords } from './errors.ts';
import { checkoutLetters } from './letters.ts';
import { CHECKOUT } from './request.ts';
import { read } from './routes.ts';

export const checkout: Dialect = {
  name: CHECKOUT,
  idempotency: {
    replays: 'first_answer',
    keepsServerErrors: false,
    keepsSuccessesOnly: true,
    replayedHeaders: {},
  },
  read,
  refuse: refuseInWords,
  garbled: { status: 202, body: '{"action_id":"act_' },
  dress: (reply) => reply,
  mint,
  letters: checkoutLetters,
  returnTo({ id, returnUrl }) {
    if (returnUrl === null) return null;
    const url = new URL(returnUrl);
    url.searchParams.set('cko-session-id', id.replace('pay_', 'sid_'));
    return url.href;
  },
};

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const PREFIXES: Partial<Record<IdPrefix, string>> = { ch: 'pay_', dp: 'dsp_' };

function mint(prefix: IdPrefix, random: (length: number) => Uint8Array): string {
  return (PREFIXES[prefix] ?? 'act_') + randomText(BASE32, 26, random);
}
