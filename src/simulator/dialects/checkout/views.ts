/** A payment and its actions as Checkout.com shows them. */

import { type Charge, standing } from '../../books.ts';
import type { Reply } from '../../view.ts';
import { fromBooks } from '../amounts.ts';
import { responseOf } from './codes.ts';
import { DEVIATIONS } from './request.ts';
import { wireOf } from './wire.ts';

/** The answer to `POST /payments`: a sale is `Authorized` here, and captured a moment later. */
export function createdReply(charge: Charge, url: string): Reply {
  const { metadata: _, balances: __, ...view } = paymentView(charge, url);
  const status = standing(charge);
  if (status === 'pending' || status === 'requires_action') return { status: 202, body: view };
  const decided = { action_id: authorizationId(charge), ...responseOf(charge.code) };
  const shown = status === 'approved' ? 'Authorized' : view.status;
  return { status: 201, body: { ...view, ...decided, status: shown } };
}

/** `url` is where the pages of challenges are. */
export function paymentView(charge: Charge, url: string) {
  const { reference, metadata } = wireOf(charge);
  const { id, currency, state, authorized } = charge;
  const redirect = state === 'requires_action' ? { redirect: { href: `${url}/3ds/${id}` } } : {};
  return {
    id,
    requested_on: new Date(charge.at).toISOString(),
    processed_on: new Date(charge.decidedAt).toISOString(),
    amount: shown(charge, authorized > 0 ? authorized : charge.amount),
    currency,
    approved: authorized > 0,
    status: statusOf(charge),
    ...(reference === null ? {} : { reference }),
    metadata,
    balances: {
      total_authorized: shown(charge, authorized),
      total_voided: shown(charge, charge.voided),
      total_captured: shown(charge, charge.captured),
      total_refunded: shown(charge, charge.refunded),
    },
    ...detailsOf(charge),
    _links: { self: { href: `/payments/${id}` }, ...redirect },
  };
}

/** Latest first. */
export function actionsOf(charge: Charge): object[] {
  const { reference, metadata, actions } = wireOf(charge);
  const status = standing(charge);
  const decided = status === 'approved' || status === 'declined';
  const authorization = {
    id: authorizationId(charge),
    type: 'Authorization',
    amount: shown(charge, charge.authorized || charge.amount),
    approved: charge.authorized > 0,
    processed_on: new Date(charge.decidedAt).toISOString(),
    ...responseOf(charge.code),
    ...(reference === null ? {} : { reference }),
    metadata,
  };
  const done = (type: string, id: string, amount: number, at: number, code = '00') => ({
    id,
    type,
    amount: shown(charge, amount),
    approved: code === '00',
    processed_on: new Date(at).toISOString(),
    ...responseOf(code),
    ...askedAs(actions[id]),
  });
  const refused = Object.entries(actions).flatMap(([id, one]) =>
    one.refused ? [done(one.type, id, one.refused.amount, one.refused.at, one.refused.code)] : [],
  );
  return [
    ...(decided ? [authorization] : []),
    ...charge.captures.map((one) => done('Capture', one.id, one.amount, one.at)),
    ...(charge.voidId === null ? [] : [done('Void', charge.voidId, charge.voided, charge.decidedAt)]),
    ...charge.refunds.map((one) => done('Refund', one.id, one.amount, one.at)),
    ...refused,
  ].reverse();
}

export function shown({ currency }: Charge, amount: number): number {
  return fromBooks(amount, currency, DEVIATIONS);
}

export function authorizationId({ id }: Charge): string {
  return id.replace('pay_', 'act_');
}

function askedAs(action: { reference: string | null; metadata: object } | undefined): object {
  if (action === undefined) return {};
  const { reference, metadata } = action;
  return { ...(reference === null ? {} : { reference }), metadata };
}

function statusOf(charge: Charge): string {
  const status = standing(charge);
  switch (status) {
    case 'approved':
      return moneyOf(charge);
    case 'declined':
      return 'Declined';
    case 'charge_voided':
      return 'Canceled';
    case 'pending':
    case 'requires_action':
      return 'Pending';
    default:
      return status satisfies never;
  }
}

function moneyOf({ state, authorized, captured, refunded }: Charge): string {
  if (refunded > 0) return refunded < captured ? 'Partially Refunded' : 'Refunded';
  if (captured > 0) return captured < authorized ? 'Partially Captured' : 'Captured';
  if (state === 'voided') return 'Voided';
  return state === 'expired' ? 'Expired' : 'Authorized';
}

/** Made of the payment's id, so that they are the same at every look and cost no memory. */
function detailsOf(charge: Charge): object {
  if (charge.authorized === 0) return { source: { type: 'card' } };
  const digits = BigInt(`0x${Buffer.from(charge.id).toString('hex')}`).toString();
  return {
    source: { type: 'card', bin: '424242', last4: '4242', avs_check: 'S', cvv_check: 'Y' },
    auth_code: digits.slice(-6),
    eci: charge.challenge === 'passed' ? '05' : '07',
    scheme_id: digits.slice(0, 15),
  };
}
