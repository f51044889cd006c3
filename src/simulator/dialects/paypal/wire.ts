/** What the dialect keeps with a charge and with a refund, in PayPal's words. */

import type { Charge } from '../../books.ts';
import type { Movement, Refund } from '../../movements.ts';
import type { RefundPlan } from '../../rules.ts';
import { pendingCaptureId } from './ids.ts';

export type OrderWire = {
  intent: 'AUTHORIZE' | 'CAPTURE';
  /** What an order is called until its customer has approved. */
  awaiting: 'CREATED' | 'PAYER_ACTION_REQUIRED';
  /** `card`, `paypal`, …; null while nobody has chosen. */
  source: string | null;
  referenceId: string;
  customId: string | null;
  invoiceId: string | null;
  /** Decided later: its capture is told before it is made. */
  pending: boolean;
  refunds: RefundPlan['becomes'] | null;
  /** What was told with each capture of an authorization, by its operation. */
  captures?: Readonly<Record<string, CaptureKept>>;
};

export type CaptureKept = { invoiceId: string | null; final: boolean };

export type RefundWire = {
  capture: string;
  customId: string | null;
  invoiceId: string | null;
  note: string | null;
};

/** What somebody charged in the dashboard was told nothing. */
export function wireOf({ wire, capture }: Charge): OrderWire {
  return (wire ?? {
    intent: capture ? 'CAPTURE' : 'AUTHORIZE',
    awaiting: 'CREATED',
    source: 'paypal',
    referenceId: 'default',
    customId: null,
    invoiceId: null,
    pending: false,
    refunds: null,
  }) as OrderWire;
}

/** A refund that was made in the dashboard is of the first capture, and has its names. */
export function refundWire(charge: Charge, { wire }: Refund): RefundWire {
  if (wire !== undefined) return wire as RefundWire;
  const [first] = charge.captures;
  const capture = first === undefined ? charge.id : captureId(charge, first);
  return { capture, customId: wireOf(charge).customId, invoiceId: null, note: null };
}

/** The first capture of a sale that was pending was told under another id before it was made. */
export function captureId(charge: Charge, { id }: Movement): string {
  const first = charge.capture && charge.captures[0]?.id === id;
  return first && wireOf(charge).pending ? pendingCaptureId(charge.id) : id;
}
