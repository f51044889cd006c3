/** A look at the account: the list of what moved, which changes nothing. The simulator asks for no credentials. */

import { clockDifferenceMs } from '../clock.ts';
import type { Probe } from '../port.ts';
import { changesCall } from './changes.ts';
import type { Result } from './client.ts';

export const probeCall = () => changesCall(null);

export function readProbe(result: Result, nowMs: number): Probe {
  if (result.kind === 'failed')
    return { credentials: 'not_known', clockDifferenceMs: null, detail: result.failure.reason };
  const { status, date } = result;
  return {
    credentials: status === 200 ? 'accepted' : 'not_known',
    clockDifferenceMs: clockDifferenceMs(date, nowMs),
    detail: `GET /v1/transactions answered ${status}`,
  };
}
