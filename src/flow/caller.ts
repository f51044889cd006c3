/** Who asks, and what they get: the same for every feature. */

import type { Mode } from '../core/payment/events.ts';

/** Who asks: the merchant and mode of the API key. */
export type Principal = {
  merchant: string;
  mode: Mode;
  kind: 'secret' | 'publishable';
  scopes: readonly string[];
};

/** What the platform itself keeps, such as providers' deliveries: for its operators, who have live keys. */
export function mayOperate({ mode, kind, scopes }: Principal): boolean {
  return kind === 'secret' && mode === 'live' && scopes.includes('platform:read');
}

/** `body` is text when it is a replay: the very bytes that were stored. `text`: the body as it was stored just now. */
export type Reply = {
  status: number;
  body: object | string;
  text?: string;
  replayed?: boolean;
  retryAfterSeconds?: number;
};
