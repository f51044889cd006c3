/** A look at the account: payments of a reference that none has. */

import { clockDifferenceMs } from '../clock.ts';
import type { Probe } from '../port.ts';
import { type Call, PAYMENTS, type Result } from './client.ts';

export const probeCall: Call = {
  path: `${PAYMENTS}?limit=1&skip=0&reference=truepenny-probe`,
  route: `${PAYMENTS}?reference=`,
};

export function readProbe(result: Result, nowMs: number): Probe {
  if (result.kind === 'failed')
    return { credentials: 'not_known', clockDifferenceMs: null, detail: result.failure.reason };
  const { status, date } = result;
  return {
    credentials: status === 200 ? 'accepted' : status === 401 || status === 403 ? 'refused' : 'not_known',
    clockDifferenceMs: clockDifferenceMs(date, nowMs),
    detail: `GET /payments answered ${status}`,
  };
}
