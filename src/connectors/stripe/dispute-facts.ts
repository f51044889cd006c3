/**
 * What a dispute's events say. An inquiry moves nothing. A bank debit that the payer's bank takes back is told as a
 * dispute too, though nobody can contest it: that is a return, and stays one.
 */

import type Stripe from 'stripe';
import type { FactTold } from '../port.ts';
import { fromStripe } from './amounts.ts';
import { type Happened, noticesOf, type Read } from './notices.ts';
import { idOf, objectOf, textOf, type WireDispute, within } from './wire.ts';

export const disputeFacts: Read = (happened, object) => {
  const dispute = objectOf<Stripe.Dispute>(object, 'dispute');
  const id = textOf(dispute, 'id');
  const amount = fromStripe(dispute?.amount, textOf(dispute, 'currency') ?? '');
  const status = textOf(dispute, 'status');
  if (dispute === null || id === null || amount === null || status === null) return null;
  const paymentIntent = idOf(dispute.payment_intent);
  if (paymentIntent === null) return 'a dispute of a charge without a PaymentIntent: not made here';
  if (status.startsWith('warning_') || status === 'prevented') return 'an inquiry moves no money';
  const facts = factsOf(happened, dispute, { id, amount, status });
  if (facts === null || typeof facts === 'string') return facts;
  return noticesOf({ metadata: null, paymentIntent, currency: dispute.currency }, facts);
};

type Told = { id: string; amount: number; status: string };

function factsOf({ type, at }: Happened, dispute: WireDispute, told: Told): FactTold[] | string | null {
  const closed = type === 'charge.dispute.closed';
  const { id, amount, status } = told;
  if (isReturn(dispute)) {
    if (closed && status === 'won') return null; // Nobody has seen that: a person looks.
    const raw_code = textOf(dispute, 'network_reason_code') ?? textOf(dispute, 'reason') ?? 'untold';
    return [{ kind: 'reversed', movement: id, amount, raw_code, provider_at: at }];
  }
  if (!closed) return [{ kind: 'disputed', dispute: id, amount, provider_at: at }];
  if (status !== 'won' && status !== 'lost') return null;
  return [{ kind: status === 'won' ? 'dispute_won' : 'dispute_lost', dispute: id, provider_at: at }];
}

/** Stripe's reasons for bank debits: https://docs.stripe.com/disputes/categories. */
const RETURNS: ReadonlySet<string> = new Set([
  'bank_cannot_process',
  'customer_initiated',
  'debit_not_authorized',
  'incorrect_account_details',
  'insufficient_funds',
]);

function isReturn(dispute: WireDispute): boolean {
  const details = within<Stripe.Dispute.PaymentMethodDetails>(dispute.payment_method_details);
  return RETURNS.has(textOf(dispute, 'reason') ?? '') && details?.type !== 'card';
}
