/** What the dialect keeps with a charge, in Adyen's words. */

import type { Charge } from '../../books.ts';

/** How a modification was asked for, and under which reference of the caller's. */
export type Modification = { reference: string | null; by: 'psp' | 'reference' | 'reversal' };

export type ChargeWire = {
  merchantAccount: string;
  merchantReference: string;
  /** Adyen's type: `scheme`, `sepadirectdebit`, `ideal`. */
  method: string;
  /** By the PSP reference of the modification. */
  modifications: Readonly<Record<string, Modification>>;
  /** Its refunds come back, as `refund failed` asks for. */
  refundsFail: boolean;
  /** Of a method that was stored with the payment. */
  stored: { id: string; shopper: string } | null;
};

/** Nobody else writes it, so it has its shape; a charge of the dashboard has none. */
export function wireOf(charge: Charge): ChargeWire {
  return (charge.wire as ChargeWire | undefined) ?? { ...NONE, merchantReference: charge.reference };
}

const NONE: ChargeWire = {
  merchantAccount: '',
  merchantReference: '',
  method: 'scheme',
  modifications: {},
  refundsFail: false,
  stored: null,
};

export function noteModification(charge: Charge, movement: string, made: Modification): void {
  const wire = wireOf(charge);
  charge.wire = { ...wire, modifications: { ...wire.modifications, [movement]: made } };
}
