/** Who asks, and what they get: the same for every feature. */

import type { Mode } from '../core/payment/events.ts';

/** Who asks: the merchant and mode of the API key. */
export type Principal = {
  merchant: string;
  mode: Mode;
  kind: 'secret' | 'publishable';
  scopes: readonly string[];
};

/** `body` is text when it is a replay: the very bytes that were stored. */
export type Reply = {
  status: number;
  body: object | string;
  replayed?: boolean;
  retryAfterSeconds?: number;
};
