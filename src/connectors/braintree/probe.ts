/** A look at the account: its merchant accounts, which anybody with good keys may see. */

import { clockDifferenceMs } from '../clock.ts';
import type { Probe } from '../port.ts';
import type { Call, Result } from './client.ts';

const ROUTE = '/merchant_accounts';

export const probeCall: Call = { method: 'GET', path: ROUTE, route: ROUTE };

export function readProbe(result: Result, nowMs: number): Probe {
  if (result.kind === 'failed')
    return { credentials: 'not_known', clockDifferenceMs: null, detail: result.failure.reason };
  const { status, date } = result;
  const refused = status === 401 || status === 403;
  return {
    credentials: status === 200 ? 'accepted' : refused ? 'refused' : 'not_known',
    clockDifferenceMs: clockDifferenceMs(date, nowMs),
    detail: `GET ${ROUTE} answered ${status}`,
  };
}
