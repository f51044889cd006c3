/** Refunds and disputes: asked for, looked up, listed. */

import type Stripe from 'stripe';
import { type Charge, rejected } from '../../books.ts';
import { fresh } from '../../keeping.ts';
import type { Refund } from '../../movements.ts';
import { type RefundPlan, refund } from '../../rules.ts';
import type { Context, Done, Job, Question, Said } from '../../simulator.ts';
import { invalid, missing, refusedReply } from './errors.ts';
import { metadataOf, textOf } from './form.ts';
import { DECLINED } from './intent-actions.ts';
import { isSaid, readAmount } from './intent-input.ts';
import { orderOf } from './intents.ts';
import { listOfViews } from './lists.ts';
import { chargesOf } from './lookups.ts';
import { findMagic } from './methods.ts';
import { job, ok, question, STRIPE, type StripeRequest } from './request.ts';
import { chargeOf, find, thing, wireOf } from './things.ts';
import { disputeView, type RefundWire, refundView } from './views.ts';

export function createRefund(request: StripeRequest): Job | Said {
  const { params } = request;
  const charge = subjectOf(request);
  if (isSaid(charge)) return charge;
  const amount = readAmount(params, 'amount', charge.currency);
  if (isSaid(amount)) return amount;
  const metadata = metadataOf(params);
  const order = orderOf(request, 'refund', metadata);
  const wire: RefundWire = { metadata, reason: textOf(params, 'reason') as Stripe.Refund.Reason | null };
  const execute = ({ twist, at }: Context): Done => {
    if (twist.declined) return { charge, verdict: DECLINED };
    if (charge.state === 'pending') return { charge, verdict: rejected('nothing_captured') };
    const plan = planOf(request, charge);
    const ask = { amount: amount ?? left(charge), wire, ...(plan === null ? {} : { plan }) };
    const verdict = refund(charge, ask, twist.excess, order.operation, at);
    const { movement } = verdict;
    const things = movement === null ? [] : [thing('refund', movement, at.now, { charge: charge.id })];
    return { charge, verdict, things };
  };
  const whole = { ...order, charge, reference: charge.reference, execute };
  return job(request, whole, ({ status, code, movement }) => {
    const made = charge.refunds.find(({ id }) => id === movement);
    return made === undefined
      ? refusedReply({ status, code }, { charge: charge.id })
      : ok(refundView(made, charge));
  });
}

export function retrieveRefund({ sim }: StripeRequest, id: string): Question | Said {
  const place = find(sim.books, 'refund', id)?.data.charge;
  const charge = place === undefined ? dashboardPlace(sim, id) : fresh(sim, sim.books.charges.get(place));
  const refunded = charge?.refunds.find((one) => one.id === id);
  if (!charge || refunded === undefined) return missing('refund', id);
  return question(id, charge, () => ok(refundView(refunded, charge)));
}

/** Of one charge, of one payment, or all. */
export function listRefunds(request: StripeRequest): Question | Said {
  const all = filteredCharges(request).flatMap((charge) =>
    charge.refunds.map((one) => [one, charge] as const),
  );
  const views = all
    .sort(([a], [b]) => a.at - b.at)
    .map(
      ([one, charge]) =>
        () =>
          refundView(one, charge),
    );
  return listOfViews(request, views);
}

export function retrieveDispute(request: StripeRequest, id: string): Question | Said {
  const charge = chargesOf(request, null).find(({ disputes }) => disputes?.some((one) => one.id === id));
  const dispute = charge?.disputes?.find((one) => one.id === id);
  if (charge === undefined || dispute === undefined) return missing('dispute', id);
  return question(id, charge, () => ok(disputeView(dispute, charge)));
}

export function listDisputes(request: StripeRequest): Question | Said {
  const all = filteredCharges(request).flatMap((charge) =>
    (charge.disputes ?? []).map((one) => [one, charge] as const),
  );
  const views = all
    .sort(([a], [b]) => a.at - b.at)
    .map(
      ([one, charge]) =>
        () =>
          disputeView(one, charge),
    );
  return listOfViews(request, views);
}

function filteredCharges(request: StripeRequest): Charge[] {
  const { sim, params } = request;
  const id = textOf(params, 'charge');
  if (id === null) return chargesOf(request, textOf(params, 'payment_intent'));
  const charge = sim.books.charges.get(id);
  return charge?.dialect === STRIPE ? [charge] : [];
}

function subjectOf({ sim, params }: StripeRequest): Charge | Said {
  const chargeId = textOf(params, 'charge');
  const intentId = textOf(params, 'payment_intent');
  if (chargeId === null && intentId === null) {
    return invalid(
      'payment_intent',
      'One of the following params should be provided: charge or payment_intent.',
    );
  }
  const intent = intentId === null ? undefined : find(sim.books, 'payment_intent', intentId);
  if (intentId !== null && intent === undefined) return missing('payment_intent', intentId, 'payment_intent');
  const charge =
    intent === undefined ? fresh(sim, sim.books.charges.get(chargeId ?? '')) : chargeOf(sim.books, intent);
  if (charge?.dialect === STRIPE) return charge;
  if (intent === undefined) return missing('charge', chargeId ?? '', 'charge');
  return invalid(
    'payment_intent',
    `This PaymentIntent (${intent.id}) does not have a successful charge to refund.`,
  );
}

function planOf({ sim }: StripeRequest, charge: Charge): RefundPlan | null {
  const method = charge.wire && find(sim.books, 'payment_method', wireOf(charge).method);
  const becomes = method && findMagic(method.data.magic, sim.settings)?.refund;
  return becomes ? { becomes, afterMs: sim.settings.refund_ms } : null;
}

function left({ captured, refunded }: Charge): number {
  return Math.max(1, captured - refunded);
}

/** A refund made in the dashboard has no place noted: it is looked for. */
function dashboardPlace({ books }: StripeRequest['sim'], id: string): Charge | undefined {
  return [...books.charges.values()].find(
    ({ dialect, refunds }) => dialect === STRIPE && refunds.some((one: Refund) => one.id === id),
  );
}
