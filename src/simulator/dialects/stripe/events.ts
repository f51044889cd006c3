/** Stripe's events: what a move becomes in its words, with the object as it stood. */

import type Stripe from 'stripe';
import { type Books, type Charge, type Move, remaining } from '../../books.ts';
import type { Scene, Told } from '../../webhooks/letters.ts';
import { chargeView } from './charge-view.ts';
import { intentView, isCharged, seconds } from './intent-view.ts';
import { intentOf } from './things.ts';
import { disputeView, refundView } from './views.ts';

export type EventView = Omit<Stripe.EventBase, 'data' | 'type'> & { type: string; data: { object: object } };

export const API_VERSION = '2026-10-28.endive';

type About = 'intent' | 'charge' | 'refund' | 'dispute';
type Named = readonly [about: About, type: string];

/** The same move gives the same events, under the same ids. */
export function eventsOf({ move, charge, number }: Told, scene: Scene): EventView[] {
  const then = move.snapshot ?? charge;
  return namesOf(move, then).flatMap(([about, type], i) => {
    const object = objectOf(about, move, then, scene);
    if (object === null) return [];
    return [
      {
        id: `evt_${charge.id.slice(3)}${number.toString(36)}${'abcd'[i]}`,
        object: 'event' as const,
        api_version: API_VERSION,
        created: seconds(move.at),
        data: { object },
        livemode: false,
        pending_webhooks: 1,
        request: { id: null, idempotency_key: keyOf(scene.books, move) },
        type,
      },
    ];
  });
}

function namesOf(move: Move, then: Charge): Named[] {
  switch (move.type) {
    case 'charge.challenged':
      return [['intent', 'payment_intent.requires_action']];
    case 'charge.pending':
      return [
        ['charge', 'charge.pending'],
        ['intent', 'payment_intent.processing'],
      ];
    case 'charge.authorized':
      // An automatic capture follows at once and tells of both.
      if (then.capture) return [];
      return [
        ['charge', 'charge.succeeded'],
        ['intent', 'payment_intent.amount_capturable_updated'],
      ];
    case 'charge.captured':
      return [
        ['charge', then.capture ? 'charge.succeeded' : 'charge.captured'],
        [
          'intent',
          remaining(then) > 0 ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded',
        ],
      ];
    case 'charge.declined':
    case 'charge.reversed':
      return [
        ...(isCharged(then) ? [['charge', 'charge.failed'] as const] : []),
        ['intent', 'payment_intent.payment_failed'],
      ];
    case 'charge.voided':
      if (then.captured > 0) return [['intent', 'payment_intent.succeeded']];
      // What was held and is let go Stripe calls refunded, though no money had moved.
      return [
        ...(then.authorized > 0 ? [['charge', 'charge.refunded'] as const] : []),
        ['intent', 'payment_intent.canceled'],
      ];
    case 'charge.expired':
      return [
        ['charge', 'charge.expired'],
        ['intent', then.captured > 0 ? 'payment_intent.succeeded' : 'payment_intent.canceled'],
      ];
    case 'refund.pending':
      return [
        ['refund', 'refund.created'],
        ['charge', 'charge.refunded'],
      ];
    case 'refund.succeeded':
      return isLater(move, then)
        ? [
            ['refund', 'refund.updated'],
            ['refund', 'charge.refund.updated'],
          ]
        : [
            ['refund', 'refund.created'],
            ['charge', 'charge.refunded'],
          ];
    case 'refund.failed':
    case 'refund.returned':
      return [
        ['refund', 'refund.failed'],
        ['refund', 'refund.updated'],
        ['refund', 'charge.refund.updated'],
      ];
    case 'dispute.inquiry':
      return [['dispute', 'charge.dispute.created']];
    case 'dispute.opened':
      return [
        ['dispute', isEscalated(move, then) ? 'charge.dispute.updated' : 'charge.dispute.created'],
        ['dispute', 'charge.dispute.funds_withdrawn'],
      ];
    case 'dispute.won':
      return [
        ['dispute', 'charge.dispute.closed'],
        ['dispute', 'charge.dispute.funds_reinstated'],
      ];
    case 'dispute.lost':
    case 'dispute.inquiry_closed':
      return [['dispute', 'charge.dispute.closed']];
    case 'capture.refused':
    case 'void.refused':
    case 'refund.refused':
      return []; // Stripe refuses in its answer.
    default:
      return move.type satisfies never;
  }
}

function objectOf(about: About, move: Move, then: Charge, { books, settings, url }: Scene): object | null {
  switch (about) {
    case 'intent': {
      const intent = intentOf(books, then);
      return intent === undefined ? null : intentView(intent, then, url);
    }
    case 'charge':
      return chargeView(then, { books, settings });
    case 'refund': {
      const refund = then.refunds.find(({ id }) => id === (move.of ?? move.movement));
      return refund === undefined ? null : refundView(refund, then);
    }
    case 'dispute': {
      const dispute = then.disputes?.find(({ id }) => id === move.movement);
      return dispute === undefined ? null : disputeView(dispute, then);
    }
    default:
      return about satisfies never;
  }
}

/** A refund that had been pending was told before. */
function isLater(move: Move, then: Charge): boolean {
  const refund = then.refunds.find(({ id }) => id === move.movement);
  return refund?.becomes === 'succeeded';
}

function isEscalated(move: Move, then: Charge): boolean {
  const dispute = then.disputes?.find(({ id }) => id === move.movement);
  return dispute !== undefined && dispute.at !== move.at;
}

/** The key of the request that did it; null for what nobody here asked for. */
function keyOf({ operations }: Books, { operation }: Move): string | null {
  const key = operation === null ? undefined : operations.get(operation)?.key;
  return key === undefined || key.includes('/-/') ? null : key.replace(/^stripe\//, '');
}
