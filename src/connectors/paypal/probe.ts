/** A look at the account: whether PayPal gives it an access token. */

import { clockDifferenceMs } from '../clock.ts';
import type { Probe } from '../port.ts';
import type { Token } from './token.ts';

export function readProbe(token: Token, nowMs: number): Probe {
  if (token.ok)
    return {
      credentials: 'accepted',
      clockDifferenceMs: clockDifferenceMs(token.date, nowMs),
      detail: 'POST /v1/oauth2/token issued an access token',
    };
  const { refused, reason, result } = token;
  const date = result.kind === 'answered' ? (result.headers['date'] ?? null) : null;
  return {
    credentials: refused ? 'refused' : 'not_known',
    clockDifferenceMs: clockDifferenceMs(date, nowMs),
    detail: `POST /v1/oauth2/token: ${reason}`,
  };
}
