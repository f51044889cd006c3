/** A look at the account: the payment methods that it offers, which changes nothing. */

import { clockDifferenceMs } from '../clock.ts';
import type { Probe } from '../port.ts';
import type { Call, Result } from './client.ts';

export const probeCall: Call = { path: '/paymentMethods', route: '/paymentMethods', body: {} };

export function readProbe(result: Result, nowMs: number): Probe {
  if (result.kind === 'failed')
    return { credentials: 'not_known', clockDifferenceMs: null, detail: result.failure.reason };
  const { status, date } = result;
  return {
    credentials: status === 200 ? 'accepted' : status === 401 || status === 403 ? 'refused' : 'not_known',
    clockDifferenceMs: clockDifferenceMs(date, nowMs),
    detail: `POST /paymentMethods answered ${status}`,
  };
}
