/** What the dialect keeps with a charge and a refund, typed: nobody else writes there. */

import type { Charge } from '../../books.ts';
import type { Movement, Refund } from '../../movements.ts';
import type { Instrument, ThreeDs } from './nonces.ts';

export const BRAINTREE = 'braintree';

/** One transaction in the books. */
export type Told =
  | { kind: 'sale'; charge: Charge }
  | { kind: 'part'; charge: Charge; capture: Movement }
  | { kind: 'refund'; charge: Charge; refund: Refund };

export type SaleWire = {
  orderId: string | null;
  merchantAccountId: string;
  instrument: Instrument;
  threeDs: ThreeDs | null;
  /** From submission to settlement, as the setting was when the sale was made. */
  settlementMs: number;
  /** Captured in parts, each a transaction of its own; `finished` by one that said so. */
  parts: 'none' | 'open' | 'finished';
  /** By capture: the order id that came with it. */
  partOrderIds: Readonly<Record<string, string | null>>;
  /** All that was submitted until then counts as settled, whatever time says. */
  settledAt: number | null;
  /** Voided between submission and settlement: the capture came to nothing. */
  withdrawn: boolean;
};

/** `of` is the transaction that was refunded: the sale's own id, or a part's. */
export type RefundWire = { orderId: string | null; of: string };

export function saleWire({ wire }: Charge): SaleWire {
  return wire as SaleWire;
}

export function rewire(charge: Charge, change: Partial<SaleWire>): void {
  charge.wire = { ...saleWire(charge), ...change };
}

export function refundWire({ wire }: Refund): RefundWire {
  return wire as RefundWire;
}

/** Refunds made in the simulator's dashboard carry no wire. */
export function refundedTransaction(charge: Charge, refund: Refund): string {
  return refund.wire === undefined ? charge.id : refundWire(refund).of;
}
