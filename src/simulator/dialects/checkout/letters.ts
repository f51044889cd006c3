/** Checkout.com's webhooks: an event of an action each, signed over the whole body and without a time. */

import { createHmac } from 'node:crypto';
import type { Charge, Move } from '../../books.ts';
import type { Letter, Letters, Sealed, Told } from '../../webhooks/letters.ts';
import { responseOf } from './codes.ts';
import { authorizationId, shown } from './views.ts';
import { wireOf } from './wire.ts';

const SECRET = /^[\x21-\x7e]{16,255}$/;

export const checkoutLetters: Letters = {
  secret: {
    must: '16 to 255 printable characters without blanks',
    is: (value): value is string => typeof value === 'string' && SECRET.test(value),
  },
  of({ move, charge, number }: Told): Letter[] {
    const type = TYPES[move.type];
    if (type === null) return [];
    const id = `evt_${charge.id.slice(4)}${number.toString(36)}`;
    const timestamp = new Date(move.at).toISOString();
    const data = type.startsWith('dispute') ? disputeData(move, charge) : actionData(move, charge);
    return [{ id, body: JSON.stringify({ id, type, timestamp, version: '1.0.29', data }) }];
  },
  seal,
};

/** Null for what Checkout.com has no event of, or none about money. */
const TYPES: Readonly<Record<Move['type'], string | null>> = {
  'charge.authorized': 'payment_approved',
  'charge.declined': 'payment_declined',
  'charge.captured': 'payment_captured',
  'charge.voided': 'payment_voided',
  'charge.expired': 'payment_expired',
  'charge.reversed': null,
  'charge.challenged': null,
  'charge.pending': 'payment_pending',
  'refund.succeeded': 'payment_refunded',
  'refund.returned': null,
  'refund.pending': null,
  'refund.failed': null,
  'capture.refused': 'payment_capture_declined',
  'void.refused': 'payment_void_declined',
  'refund.refused': 'payment_refund_declined',
  'dispute.inquiry': null,
  'dispute.inquiry_closed': null,
  'dispute.opened': 'dispute_received',
  'dispute.won': 'dispute_won',
  'dispute.lost': 'dispute_lost',
};

/** An action that was asked for has its own reference and metadata, all else the payment's. */
function actionData(move: Move, charge: Charge): object {
  const wire = wireOf(charge);
  const action = wire.actions[move.movement ?? ''];
  const reference = action === undefined && isForeign(move) ? null : (action ?? wire).reference;
  return {
    id: charge.id,
    action_id: move.movement ?? authorizationId(charge),
    ...(reference === null ? {} : { reference }),
    amount: shown(charge, move.amount),
    currency: charge.currency,
    processed_on: new Date(move.at).toISOString(),
    ...responseOf(move.code),
    metadata: (action ?? wire).metadata,
  };
}

/** Done in the dashboard. */
function isForeign({ movement, operation }: Move): boolean {
  return movement !== null && operation === null;
}

function disputeData(move: Move, charge: Charge): object {
  return {
    id: move.movement,
    payment_id: charge.id,
    payment_reference: wireOf(charge).reference,
    amount: shown(charge, move.amount),
    currency: charge.currency,
    reason_code: move.code,
  };
}

function seal(secret: string, { body }: Letter, _at: number, corrupted: boolean): Sealed {
  const signature = createHmac('sha256', secret)
    .update(corrupted ? `${body} ` : body)
    .digest('hex');
  return { headers: { 'content-type': 'application/json', 'cko-signature': signature }, body };
}
