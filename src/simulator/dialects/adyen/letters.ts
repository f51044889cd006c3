/** Adyen's standard webhooks: one item each, signed over eight of its fields. */

import { createHmac } from 'node:crypto';
import type { Charge, Move } from '../../books.ts';
import { VOIDED } from '../../corrections.ts';
import type { Letter, Letters, Sealed, Told } from '../../webhooks/letters.ts';
import { fromBooks } from '../amounts.ts';
import { refusalOf } from './codes.ts';
import { CAPTURE_FAILED } from './methods.ts';
import { DEVIATIONS } from './request.ts';
import { wireOf } from './wire.ts';

const SECRET = /^[0-9A-Fa-f]{64}$/;

export const adyenLetters: Letters = {
  secret: {
    must: '64 hexadecimal digits',
    is: (value): value is string => typeof value === 'string' && SECRET.test(value),
  },
  of({ move, charge, number }: Told): Letter[] {
    return eventsOf(move, charge).map((event, n) => ({
      id: `${charge.id}-${number}-${n}`,
      body: JSON.stringify(itemOf(event, move, charge)),
    }));
  },
  seal,
};

type Event = {
  eventCode: string;
  success?: boolean;
  pspReference: string;
  /** Null for what is about the payment itself. */
  originalReference: string | null;
  reason?: string;
  additionalData?: Record<string, string>;
};

/** Nothing for a sale's own capture: that the payment is authorised says it all. */
function eventsOf(move: Move, charge: Charge): Event[] {
  const payment = { pspReference: charge.id, originalReference: null };
  const modification = { pspReference: move.movement ?? charge.id, originalReference: charge.id };
  switch (move.type) {
    case 'charge.authorized':
      return [{ ...payment, eventCode: 'AUTHORISATION' }];
    case 'charge.declined':
      return [declined(move, charge)];
    case 'charge.captured':
      return isSale(move, charge) ? [] : [{ ...modification, eventCode: 'CAPTURE' }];
    case 'capture.refused':
      return [{ ...modification, eventCode: 'CAPTURE', ...refused(move) }];
    case 'charge.voided':
      return [{ ...modification, ...cancelled(move, charge, 'cancel') }];
    case 'void.refused':
      return [{ ...modification, ...cancelled(move, charge, 'cancel'), ...refused(move) }];
    case 'charge.expired':
      return [{ ...payment, eventCode: 'EXPIRE' }];
    case 'charge.reversed':
      return [reversed(move, charge)];
    case 'refund.succeeded':
      return [{ ...modification, ...refunded(move, charge) }];
    case 'refund.refused':
      return [{ ...modification, ...refunded(move, charge), ...refused(move) }];
    case 'refund.returned':
      return [{ ...modification, ...returned(move, charge) }];
    case 'dispute.inquiry':
      return [{ ...modification, eventCode: 'REQUEST_FOR_INFORMATION', ...reasonOf(move) }];
    case 'dispute.opened':
      return ['NOTIFICATION_OF_CHARGEBACK', 'CHARGEBACK'].map((eventCode) => ({
        ...modification,
        eventCode,
        ...reasonOf(move),
      }));
    case 'dispute.won':
      return [{ ...modification, eventCode: 'CHARGEBACK_REVERSED', ...reasonOf(move) }];
    case 'dispute.lost':
      return [{ ...modification, eventCode: 'DISPUTE_DEFENSE_PERIOD_ENDED', ...reasonOf(move) }];
    case 'charge.challenged':
    case 'charge.pending':
    case 'dispute.inquiry_closed':
    case 'refund.pending':
    case 'refund.failed':
      return [];
    default:
      return move.type satisfies never;
  }
}

function isSale(move: Move, charge: Charge): boolean {
  return charge.capture && wireOf(charge).modifications[move.movement ?? ''] === undefined;
}

/** A customer who never comes back from a bank's page leaves an offer that closes. */
function declined({ code }: Move, charge: Charge): Event {
  const payment = { pspReference: charge.id, originalReference: null };
  const { code: refusal, reason } = refusalOf(code);
  if (wireOf(charge).method === 'ideal' && refusal === '16')
    return { ...payment, eventCode: 'OFFER_CLOSED', reason };
  return { ...payment, eventCode: 'AUTHORISATION', success: false, reason };
}

function cancelled(
  { movement }: Move,
  charge: Charge,
  action: string,
): Pick<Event, 'eventCode' | 'additionalData'> {
  const { by = 'psp' } = wireOf(charge).modifications[movement ?? ''] ?? {};
  if (by === 'reference') return { eventCode: 'TECHNICAL_CANCEL' };
  if (by === 'psp') return { eventCode: 'CANCELLATION' };
  return { eventCode: 'CANCEL_OR_REFUND', additionalData: { 'modification.action': action } };
}

function refunded(move: Move, charge: Charge): Pick<Event, 'eventCode' | 'additionalData'> {
  const { by } = wireOf(charge).modifications[move.movement ?? ''] ?? {};
  return by === 'reversal' ? cancelled(move, charge, 'refund') : { eventCode: 'REFUND' };
}

/** Under the PSP reference of the refund that came back. */
function returned({ of }: Move, charge: Charge): Partial<Event> & { eventCode: string } {
  const fails = charge.refunds.find(({ id }) => id === of)?.wire?.['fails'] === true;
  return { pspReference: of ?? charge.id, eventCode: fails ? 'REFUND_FAILED' : 'REFUNDED_REVERSED' };
}

/** A capture that the scheme refused late, under its own PSP reference; else what a bank took back. */
function reversed(move: Move, charge: Charge): Event {
  const capture = charge.captures[0]?.id ?? charge.id;
  const own = wireOf(charge).modifications[capture] === undefined ? charge.id : capture;
  if (move.code === CAPTURE_FAILED || move.code === '00') {
    return {
      eventCode: 'CAPTURE_FAILED',
      pspReference: own,
      originalReference: charge.id,
      reason: 'Capture Failed',
    };
  }
  const psp = move.movement ?? charge.id;
  if (move.code === VOIDED)
    return { eventCode: 'CANCELLATION', pspReference: psp, originalReference: charge.id };
  return { eventCode: 'CHARGEBACK', pspReference: psp, originalReference: charge.id, ...reasonOf(move) };
}

function refused({ code }: Move): Pick<Event, 'success' | 'reason'> {
  return { success: false, reason: code };
}

function reasonOf({ code }: Move): Pick<Event, 'reason' | 'additionalData'> {
  return { reason: code, additionalData: { chargebackReasonCode: code } };
}

function itemOf(event: Event, move: Move, charge: Charge) {
  const {
    eventCode,
    pspReference,
    originalReference,
    success = true,
    reason = '',
    additionalData = {},
  } = event;
  const wire = wireOf(charge);
  return {
    additionalData,
    amount: { currency: charge.currency, value: fromBooks(move.amount, charge.currency, DEVIATIONS) },
    eventCode,
    eventDate: new Date(move.at).toISOString(),
    merchantAccountCode: wire.merchantAccount,
    merchantReference: wire.modifications[pspReference]?.reference ?? wire.merchantReference,
    ...(originalReference === null ? {} : { originalReference }),
    paymentMethod: wire.method === 'scheme' ? 'visa' : wire.method,
    pspReference,
    reason,
    success: String(success),
  };
}

type Item = ReturnType<typeof itemOf>;

function seal(secret: string, { body }: Letter, _at: number, corrupted: boolean): Sealed {
  const item = JSON.parse(body) as Item;
  const hmacSignature = signatureOf(secret, corrupted ? { ...item, pspReference: 'CORRUPTED' } : item);
  const signed = { ...item, additionalData: { ...item.additionalData, hmacSignature } };
  const notification = { live: 'false', notificationItems: [{ NotificationRequestItem: signed }] };
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(notification) };
}

/** Written anew for the simulator: with the platform's own code it would repeat its mistakes. */
function signatureOf(secret: string, item: Item): string {
  const { pspReference, originalReference = '', merchantAccountCode, merchantReference, amount } = item;
  const before = [pspReference, originalReference, merchantAccountCode, merchantReference];
  const text = [...before, amount.value, amount.currency, item.eventCode, item.success].join(':');
  return createHmac('sha256', Buffer.from(secret, 'hex')).update(text).digest('base64');
}
