/** Ids as PayPal's: 17 capital letters and digits. The last one tells an order from its authorization. */

import type { IdPrefix } from '../../rules.ts';
import { BASE36_CAPITALS, randomText } from '../ids.ts';

/** An order is the charge; either of its other ids names it. */
const LAST = { order: 'X', authorization: 'U', pendingCapture: 'P' } as const;

export function mint(prefix: IdPrefix, random: (length: number) => Uint8Array): string {
  const body = randomText(BASE36_CAPITALS, 16, random);
  if (prefix === 'we') return `WE-${body}`;
  if (prefix === 'dp') return `PP-D-${body.slice(0, 8)}`;
  return `${body}${prefix === 'ch' ? LAST.order : 'C'}`;
}

export function authorizationId(order: string): string {
  return order.slice(0, -1) + LAST.authorization;
}

/** A capture that is told while it is pending has its id from the beginning. */
export function pendingCaptureId(order: string): string {
  return order.slice(0, -1) + LAST.pendingCapture;
}

/** The order that an authorization belongs to. */
export function orderOf(authorization: string): string {
  return authorization.slice(0, -1) + LAST.order;
}
