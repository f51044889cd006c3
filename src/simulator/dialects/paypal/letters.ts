/** PayPal's webhooks: an event with the resource that it is about, signed by certificate. */

import { createHash } from 'node:crypto';
import type { Books, Charge, Move } from '../../books.ts';
import type { Dispute, Movement, Refund } from '../../movements.ts';
import type { Keeper, Letter, Letters, Sealed, Told } from '../../webhooks/letters.ts';
import { signed } from './certificates.ts';
import { moneyOf } from './money.ts';
import { PAYPAL } from './request.ts';
import {
  authorizationView,
  captureView,
  iso,
  keptOf,
  type Places,
  refundView,
  untakenView,
} from './views.ts';
import { captureId, wireOf } from './wire.ts';

const WEBHOOK_ID = /^[0-9A-Za-z]{1,50}$/;

/** Events name PayPal's own address. */
const PLACES: Places = { url: 'https://api.sandbox.paypal.com', pages: 'https://www.sandbox.paypal.com' };

export const paypalLetters: Letters = {
  /** PayPal gives each endpoint an id, which is part of what it signs. */
  secret: {
    must: "the endpoint's webhook id: 1 to 50 letters and digits",
    is: (value): value is string => typeof value === 'string' && WEBHOOK_ID.test(value),
  },
  of(told) {
    const event = eventOf(told);
    return event === null ? [] : [letter(told, event)];
  },
  seal,
};

type Event = { type: string; resource: object; resourceType: string; summary: string };

/** The body is one piece with its signature: what is added to it is missed. */
function seal(
  webhookId: string,
  { id, body }: Letter,
  now: number,
  corrupted: boolean,
  keeper: Keeper,
): Sealed {
  const transmission = { id: hashed(id).slice(0, 36), time: iso(now), webhookId, body };
  const headers = { 'content-type': 'application/json', ...signed(keeper, transmission, now, corrupted) };
  return { headers, body };
}

function letter({ move, number }: Told, { type, resource, resourceType, summary }: Event): Letter {
  const id = eventId(move, number);
  const body = {
    id,
    event_version: '1.0',
    create_time: new Date(move.at).toISOString(),
    resource_type: resourceType,
    resource_version: '2.0',
    event_type: type,
    summary,
    resource,
    links: [{ href: `${PLACES.url}/v1/notifications/webhooks-events/${id}`, rel: 'self', method: 'GET' }],
  };
  return { id, body: JSON.stringify(body) };
}

/** The order, and the number of the move: so an event is found by its id. */
function eventId({ charge }: Move, number: number): string {
  return `WH-${charge}-${number.toString(36).toUpperCase().padStart(17, '0')}`;
}

/** What PayPal has told, or would have, by its number among the moves. */
export function toldEvent({ moves, firstMove, charges }: Books, number: number): Letter | null {
  const move = moves[number - firstMove];
  const charge = move === undefined ? undefined : charges.get(move.charge);
  if (move === undefined || charge?.dialect !== PAYPAL) return null;
  const event = eventOf({ move, charge, number });
  return event === null ? null : letter({ move, charge, number }, event);
}

/** Null where PayPal says nothing. */
function eventOf({ move, charge: now }: Told): Event | null {
  const charge = move.snapshot ?? now;
  switch (move.type) {
    case 'charge.authorized':
      if (charge.capture) return null;
      return event(
        'authorization',
        'AUTHORIZATION.CREATED',
        'A payment authorization was created',
        authorizationView(charge, PLACES),
      );
    case 'charge.voided':
    case 'charge.expired':
      return event('authorization', 'AUTHORIZATION.VOIDED', 'A payment authorization was voided', {
        ...authorizationView(charge, PLACES),
        ...endOf(move),
      });
    case 'charge.pending':
      return charge.capture ? captureEvent('PENDING', untakenView(charge, PLACES)) : null;
    case 'charge.declined':
      if (!charge.capture || charge.challenge === 'failed' || charge.challenge === 'abandoned') return null;
      return captureEvent(wireOf(charge).pending ? 'DENIED' : 'DECLINED', untakenView(charge, PLACES));
    case 'charge.captured':
      return captureEvent('COMPLETED', takenView(charge, find(charge.captures, move)));
    case 'charge.reversed':
      return refundEvent('CAPTURE.REVERSED', reversalView(charge, find(charge.reversals ?? [], move)));
    case 'refund.succeeded':
      return refundEvent('CAPTURE.REFUNDED', refundView(charge, find(charge.refunds, move), PLACES));
    case 'refund.pending':
      return refundEvent('REFUND.PENDING', refundView(charge, find(charge.refunds, move), PLACES));
    case 'refund.failed':
      return refundEvent('REFUND.FAILED', refundView(charge, find(charge.refunds, move), PLACES));
    case 'refund.returned': {
      const refund = charge.refunds.find(({ id }) => id === move.of) as Refund;
      return refundEvent('REFUND.FAILED', refundView(charge, refund, PLACES));
    }
    case 'dispute.inquiry':
      return disputeEvent('CREATED', charge, move);
    case 'dispute.opened':
      return disputeEvent(
        find(charge.disputes ?? [], move).at === move.at ? 'CREATED' : 'UPDATED',
        charge,
        move,
      );
    case 'dispute.inquiry_closed':
    case 'dispute.won':
    case 'dispute.lost':
      return disputeEvent('RESOLVED', charge, move);
    case 'charge.challenged':
    // PayPal refuses at the call: nothing was accepted that could be refused later.
    case 'capture.refused':
    case 'refund.refused':
    case 'void.refused':
      return null;
    default:
      return move.type satisfies never;
  }
}

/** One that the dashboard has let lapse ended then, and not when it would have. */
function endOf({ type, at }: Move): object {
  return type === 'charge.expired' ? { expiration_time: iso(at) } : {};
}

function event(resourceType: string, type: string, summary: string, resource: object): Event {
  return { type: `PAYMENT.${type}`, resource, resourceType, summary };
}

function captureEvent(type: string, view: object): Event {
  return event('capture', `CAPTURE.${type}`, `Payment capture: ${type.toLowerCase()}`, view);
}

function refundEvent(type: string, view: object): Event {
  return event('refund', type, `Payment refund: ${type.toLowerCase()}`, view);
}

function takenView(charge: Charge, capture: Movement): object {
  return captureView(charge, capture, keptOf(charge, capture.operation), PLACES);
}

/** A reversal is told as a refund that nobody asked for. */
function reversalView(charge: Charge, reversal: Movement): object {
  const wire = { capture: captureOf(charge), customId: wireOf(charge).customId, invoiceId: null, note: null };
  return refundView(charge, { ...reversal, wire }, PLACES);
}

function disputeEvent(type: string, charge: Charge, move: Move): Event {
  const dispute = find(charge.disputes ?? [], move);
  const resource = {
    dispute_id: dispute.id,
    create_time: iso(dispute.at),
    update_time: iso(move.at),
    disputed_transactions: [
      { seller_transaction_id: captureOf(charge), custom: wireOf(charge).customId ?? '' },
    ],
    reason: 'UNAUTHORISED',
    status: OPEN.has(dispute.status) ? 'UNDER_REVIEW' : 'RESOLVED',
    dispute_amount: moneyOf(dispute.amount, charge.currency),
    dispute_life_cycle_stage: dispute.status.startsWith('inquiry') ? 'INQUIRY' : 'CHARGEBACK',
    ...outcomeOf(dispute),
  };
  const of = { resource, resourceType: 'dispute', summary: `A dispute: ${type.toLowerCase()}` };
  return { type: `CUSTOMER.DISPUTE.${type}`, ...of };
}

const OPEN: ReadonlySet<Dispute['status']> = new Set(['inquiry', 'open']);

function outcomeOf({ status }: Dispute): object {
  switch (status) {
    case 'inquiry':
    case 'open':
      return {};
    case 'inquiry_closed':
      return { dispute_outcome: { outcome_code: 'CANCELED_BY_BUYER' } };
    case 'won':
      return { dispute_outcome: { outcome_code: 'RESOLVED_SELLER_FAVOUR' } };
    case 'lost':
      return { dispute_outcome: { outcome_code: 'RESOLVED_BUYER_FAVOUR' } };
    default:
      return status satisfies never;
  }
}

function captureOf(charge: Charge): string {
  const [first] = charge.captures;
  return first === undefined ? charge.id : captureId(charge, first);
}

function find<T extends { id: string }>(list: readonly T[], { movement, type }: Move): T {
  const found = list.find(({ id }) => id === movement);
  if (found === undefined) throw new Error(`${type} tells of what is not in the books`);
  return found;
}

function hashed(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
