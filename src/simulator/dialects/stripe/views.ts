/** Refunds, disputes, stored methods and lists as Stripe shows them. */

import type Stripe from 'stripe';
import type { Charge } from '../../books.ts';
import type { Dispute, Refund } from '../../movements.ts';
import type { Settings } from '../../settings.ts';
import { stripeAmount } from './amounts.ts';
import { seconds } from './intent-view.ts';
import { findMagic } from './methods.ts';
import { type Method, wireOf } from './things.ts';

export type RefundWire = { metadata: Record<string, string>; reason: Stripe.Refund.Reason | null };

export function refundView(refund: Refund, charge: Charge): Stripe.Refund {
  const { id, amount, at, state = 'succeeded' } = refund;
  const wire = refund.wire as RefundWire | undefined;
  const back = charge.returns?.find(({ of }) => of === id);
  const failed = back !== undefined || state === 'failed';
  return {
    id,
    object: 'refund',
    amount: stripeAmount(amount, charge.currency),
    balance_transaction: refundTransaction(id),
    charge: charge.id,
    created: seconds(at),
    currency: charge.currency.toLowerCase(),
    customer: null,
    customer_account: null,
    ...(failed ? { failure_reason: 'expired_or_canceled_card' } : {}),
    ...(back === undefined ? {} : { failure_balance_transaction: back.id }),
    metadata: wire?.metadata ?? {},
    payment_intent: charge.wire === undefined ? null : wireOf(charge).intent,
    payment_method: null,
    ...(state === 'pending' ? { pending_reason: 'processing' as const } : {}),
    reason: wire?.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: failed ? 'failed' : state,
    transfer_reversal: null,
  };
}

/** A refund and its balance transaction are two things of one origin. */
export function refundTransaction(refund: string): string {
  return `txn_${refund.slice(3)}`;
}

const DISPUTE_STATUS: Record<Dispute['status'], Stripe.Dispute.Status> = {
  inquiry: 'warning_needs_response',
  inquiry_closed: 'warning_closed',
  open: 'needs_response',
  won: 'won',
  lost: 'lost',
};

const EVIDENCE_DAYS_MS = 14 * 24 * 3600_000;

export function disputeView(dispute: Dispute, charge: Charge): Omit<Stripe.Dispute, 'evidence'> {
  return {
    id: dispute.id,
    object: 'dispute',
    amount: stripeAmount(dispute.amount, charge.currency),
    balance_transactions: [],
    charge: charge.id,
    created: seconds(dispute.at),
    currency: charge.currency.toLowerCase(),
    enhanced_eligibility_types: [],
    evidence_details: {
      due_by: seconds(dispute.at + EVIDENCE_DAYS_MS),
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'manual',
    },
    intended_submission_method: null,
    is_charge_refundable: dispute.status === 'inquiry',
    livemode: false,
    metadata: {},
    payment_intent: charge.wire === undefined ? null : wireOf(charge).intent,
    reason: dispute.reason,
    status: DISPUTE_STATUS[dispute.status],
  };
}

export type MethodView = Pick<
  Stripe.PaymentMethod,
  | 'id'
  | 'object'
  | 'billing_details'
  | 'created'
  | 'customer'
  | 'customer_account'
  | 'livemode'
  | 'metadata'
  | 'type'
> & { card?: object };

export function methodView({ id, at, data }: Method, settings: Settings): MethodView {
  const magic = findMagic(data.magic, settings);
  const bank = { last4: magic?.last4 ?? null, fingerprint: null };
  const card = { brand: magic?.brand ?? 'visa', exp_month: 12, exp_year: 2034, funding: 'credit', ...bank };
  return {
    id,
    object: 'payment_method',
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    created: seconds(at),
    customer: data.customer,
    customer_account: null,
    livemode: false,
    metadata: data.metadata,
    type: data.type,
    [data.type]: data.type === 'card' ? card : bank,
  };
}
