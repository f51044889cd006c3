/** What happened on the account: events, and the balance transactions that the money made. */

import type Stripe from 'stripe';
import type { Charge, Move } from '../../books.ts';
import type { Question, Said } from '../../simulator.ts';
import type { Told } from '../../webhooks/letters.ts';
import { stripeAmount } from './amounts.ts';
import { missing } from './errors.ts';
import { eventsOf } from './events.ts';
import { listOf, textOf } from './form.ts';
import { seconds } from './intent-view.ts';
import { listOfViews } from './lists.ts';
import { ok, question, STRIPE, type StripeRequest } from './request.ts';
import { refundTransaction } from './views.ts';

/** Stripe keeps them for 30 days. */
const EVENTS_KEPT_MS = 30 * 24 * 3600_000;
const PAYOUT_DELAY_MS = 2 * 24 * 3600_000;
/** Two parts: 2.9 % and 30 of the smallest unit. */
const FEE_SHARE = 0.029;
const FEE_FIXED = 30;
const DISPUTE_FEE = 1500;

export function listEvents(request: StripeRequest): Question | Said {
  const { sim, params } = request;
  const wanted = [...listOf(params, 'types'), ...(textOf(params, 'type') ? [textOf(params, 'type')] : [])];
  const since = sim.moment().now - EVENTS_KEPT_MS;
  const events = toldOf(request)
    .filter(({ move }) => move.at >= since)
    .flatMap((told) => eventsOf(told, sim));
  const matching = events.filter(
    ({ type }) => wanted.length === 0 || wanted.some((one) => isOfType(type, one)),
  );
  return listOfViews(
    request,
    matching.map((event) => () => event),
  );
}

export function retrieveEvent(request: StripeRequest, id: string): Question | Said {
  const event = toldOf(request)
    .flatMap((told) => eventsOf(told, request.sim))
    .find((one) => one.id === id);
  return event === undefined ? missing('event', id) : question(id, null, () => ok(event));
}

export function listTransactions(request: StripeRequest): Question | Said {
  const { params } = request;
  const [type, source] = [textOf(params, 'type'), textOf(params, 'source')];
  const matching = toldOf(request)
    .flatMap(transactionOf)
    .filter((one) => (type === null || one.type === type) && (source === null || one.source === source));
  return listOfViews(
    request,
    matching.map((one) => () => one),
  );
}

export function retrieveTransaction(request: StripeRequest, id: string): Question | Said {
  const found = toldOf(request)
    .flatMap(transactionOf)
    .find((one) => one.id === id);
  return found === undefined ? missing('balance transaction', id) : question(id, null, () => ok(found));
}

/** What all transactions come to, fees off; nothing is paid out here. */
export function retrieveBalance(request: StripeRequest): Question {
  return question('balance', null, () => {
    const sums = new Map<string, number>();
    for (const { currency, net } of toldOf(request).flatMap(transactionOf))
      sums.set(currency, (sums.get(currency) ?? 0) + net);
    const available = [...sums].map(([currency, amount]) => ({ amount, currency }));
    return ok({ object: 'balance', available, livemode: false, pending: [] } satisfies Stripe.Balance);
  });
}

function toldOf({ sim: { books } }: StripeRequest): Told[] {
  return books.moves.flatMap((move, i) => {
    const charge = books.charges.get(move.charge) as Charge;
    return charge.dialect === STRIPE ? [{ move, charge, number: books.firstMove + i }] : [];
  });
}

type Entry = {
  id: string;
  type: Stripe.BalanceTransaction['type'];
  amount: number;
  fee: number;
  source: string;
};

function transactionOf({ move, charge }: Told): Stripe.BalanceTransaction[] {
  const entry = entryOf(move, charge);
  if (entry === null) return [];
  const minor = (amount: number) => stripeAmount(amount, charge.currency);
  const { id, type, source, fee } = entry;
  const amount = minor(entry.amount);
  return [
    {
      id,
      object: 'balance_transaction',
      amount,
      available_on: seconds(move.at + PAYOUT_DELAY_MS),
      balance_type: 'payments',
      created: seconds(move.at),
      currency: charge.currency.toLowerCase(),
      description: null,
      exchange_rate: null,
      fee,
      fee_details: feeDetails(fee, charge),
      net: amount - fee,
      reporting_category: type === 'adjustment' ? 'dispute' : type,
      source,
      status: 'available',
      type,
    },
  ];
}

/** Money that was given back by a failed refund counts as a refund's failure; a lost dispute moves nothing more. */
function entryOf({ type, movement, amount, of }: Move, charge: Charge): Entry | null {
  const id = movement ?? '';
  const plain = { fee: 0, source: charge.id };
  switch (type) {
    case 'charge.captured':
      return { ...plain, id, type: 'charge', amount, fee: feeOf(stripeAmount(amount, charge.currency)) };
    case 'refund.succeeded':
    case 'refund.pending':
      if (type === 'refund.succeeded' && wasPending(charge, id)) return null;
      return { ...plain, id: refundTransaction(id), type: 'refund', amount: -amount, source: id };
    case 'refund.failed':
      return { ...plain, id: `${refundTransaction(id)}f`, type: 'refund_failure', amount, source: id };
    case 'refund.returned':
      return { ...plain, id, type: 'refund_failure', amount, source: of ?? id };
    case 'charge.reversed':
      return { ...plain, id, type: 'payment_failure_refund', amount: -amount };
    case 'dispute.opened':
      return {
        id: disputeTransaction(id),
        type: 'adjustment',
        amount: -amount,
        fee: DISPUTE_FEE,
        source: id,
      };
    case 'dispute.won':
      return { id: `${disputeTransaction(id)}w`, type: 'adjustment', amount, fee: 0, source: id };
    default:
      return null;
  }
}

function wasPending({ refunds }: Charge, id: string): boolean {
  return refunds.find((one) => one.id === id)?.becomes === 'succeeded';
}

function disputeTransaction(dispute: string): string {
  return `txn_${dispute.slice(3)}`;
}

function feeOf(amount: number): number {
  return Math.round(amount * FEE_SHARE) + FEE_FIXED;
}

function feeDetails(amount: number, { currency }: Charge): Stripe.BalanceTransaction.FeeDetail[] {
  if (amount === 0) return [];
  const description = 'Stripe processing fees';
  return [{ amount, application: null, currency: currency.toLowerCase(), description, type: 'stripe_fee' }];
}

function isOfType(type: string, wanted: string | null): boolean {
  return wanted === type || (wanted?.endsWith('.*') === true && type.startsWith(wanted.slice(0, -1)));
}
