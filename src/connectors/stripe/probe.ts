/** A look at the account's balance: it changes nothing, and any key that may take payments may read it. */

import type Stripe from 'stripe';
import { clockDifferenceMs } from '../clock.ts';
import type { Probe } from '../port.ts';
import type { Call, Result } from './client.ts';
import { objectOf } from './wire.ts';

export const BALANCE: Call = { method: 'GET', path: '/v1/balance', route: '/v1/balance', params: {} };

/** Stripe has one address for both: only the key tells whose payments it takes. */
export function readProbe(result: Result, nowMs: number, wanted: 'test' | 'live' | 'any'): Probe {
  if (result.kind === 'failed')
    return { credentials: 'not_known', clockDifferenceMs: null, detail: result.failure.reason };
  const { status, date, json } = result;
  const balance = objectOf<Stripe.Balance>(json, 'balance');
  const mode = balance === null ? null : balance.livemode === true ? 'live' : 'test';
  const isOther = mode !== null && wanted !== 'any' && mode !== wanted;
  return {
    credentials: status === 200 ? 'accepted' : status === 401 || status === 403 ? 'refused' : 'not_known',
    clockDifferenceMs: clockDifferenceMs(date, nowMs),
    detail: `GET /v1/balance answered ${status}${mode === null ? '' : `, ${mode} mode`}`,
    contradictions: isOther
      ? [`the key is of Stripe's ${mode} mode, and the account takes ${wanted} payments`]
      : [],
  };
}
