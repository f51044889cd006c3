/** What Checkout.com's events say about money. Source: checkout.com/docs, "Webhook event types". */

import type { FactTold } from '../port.ts';
import { declineOf } from './codes.ts';
import type { Told } from './reference.ts';

/** One event, in our own units. */
export type Event = {
  type: string;
  /** Of the action, or of the dispute. */
  id: string;
  /** Checkout.com's id of the payment. */
  payment: string;
  amount: number;
  currency: string;
  told: Told;
  /** The type where there is none. */
  responseCode: string;
  at: string | null;
};

/** None for the failure of what nobody here asked for; null for what is not known here. */
export function factsOf(event: Event): FactTold[] | null {
  const { type, id, payment, amount, at: provider_at, told, responseCode: raw_code } = event;
  const { operation } = told;
  const decline = declineOf(raw_code);
  switch (type) {
    case 'payment_approved':
      return approved(event);
    case 'payment_declined':
      return [{ kind: 'declined', decline, provider_reference: payment, provider_at }];
    case 'payment_expired':
      return [{ kind: 'expired', provider_at }];
    case 'payment_captured':
      return [{ kind: 'captured', movement: id, operation, amount, provider_at }];
    case 'payment_capture_declined':
      if (operation !== null)
        return [{ kind: 'capture_failed', operation, movement: id, decline, raw_code, provider_at }];
      return told.sale ? [{ kind: 'reversed', movement: id, amount, raw_code, provider_at }] : [];
    case 'payment_voided':
      return [{ kind: 'voided', amount, provider_at }];
    case 'payment_void_declined':
      return operation === null ? [] : [{ kind: 'void_failed', operation, decline, raw_code, provider_at }];
    case 'payment_refunded':
      return [{ kind: 'refunded', movement: id, operation, amount, provider_at }];
    case 'payment_refund_declined':
      if (operation === null) return [];
      return [{ kind: 'refund_failed', operation, movement: id, decline, raw_code, provider_at }];
    case 'dispute_received':
      return [{ kind: 'disputed', dispute: id, amount, provider_at }];
    case 'dispute_won':
    case 'dispute_canceled':
    case 'dispute_resolved':
      return [{ kind: 'dispute_won', dispute: id, provider_at }];
    case 'dispute_lost':
    case 'dispute_accepted':
    case 'dispute_expired':
      return [{ kind: 'dispute_lost', dispute: id, provider_at }];
    default:
      return null;
  }
}

/** A sale's capture follows by itself and counts with its approval, as a total: its own event names it. */
function approved({ payment, amount, told, at: provider_at }: Event): FactTold[] {
  const fact = { amount, provider_reference: payment, details: null, provider_at };
  const authorized: FactTold = { kind: 'authorized', ...fact };
  if (!told.sale) return [authorized];
  return [authorized, { kind: 'captured_total', amount, version: payment, provider_at }];
}
