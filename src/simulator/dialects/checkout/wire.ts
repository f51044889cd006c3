/** What the dialect keeps with a charge, in Checkout.com's words. */

import type { Charge } from '../../books.ts';

/** A capture, void or refund that was asked for; `refused`: taken for granted first, and declined after all. */
export type Action = {
  type: 'Capture' | 'Void' | 'Refund';
  reference: string | null;
  metadata: object;
  refused?: { amount: number; code: string; at: number };
};

export type ChargeWire = {
  reference: string | null;
  metadata: object;
  /** By their ids. */
  actions: Readonly<Record<string, Action>>;
};

/** Nobody else writes it, so it has its shape; a charge of the dashboard has none. */
export function wireOf(charge: Charge): ChargeWire {
  return (
    (charge.wire as ChargeWire | undefined) ?? { reference: charge.reference, metadata: {}, actions: {} }
  );
}

export function noteAction(charge: Charge, id: string, action: Action): void {
  const wire = wireOf(charge);
  charge.wire = { ...wire, actions: { ...wire.actions, [id]: action } };
}
