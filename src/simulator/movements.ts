/** What moves on a charge, as it stands in the books. */

import type { Wire } from './shelf.ts';

/** `operation` is null for what was done in the provider's dashboard. */
export type Movement = { id: string; amount: number; at: number; operation: string | null; code?: string };

/** `state` and `becomes` are absent from one that succeeded at once; `dueAt` is when time changes it. */
export type Refund = Movement & {
  state?: 'pending' | 'succeeded' | 'failed';
  becomes?: 'succeeded' | 'failed' | 'returned';
  dueAt?: number | undefined;
  /** What the dialect keeps with it, in its own words. */
  wire?: Wire;
};

/** An inquiry takes no money; a dispute that is open has taken it. */
export type Dispute = {
  id: string;
  amount: number;
  at: number;
  reason: string;
  status: 'inquiry' | 'inquiry_closed' | 'open' | 'won' | 'lost';
};

/** What happens to money some time after it was captured. */
export type Later = { what: 'reverse' | 'dispute' | 'inquiry'; afterMs: number; code: string };

/** A refund that came back; `of` is the refund's movement. */
export type Return = Movement & { of: string };
