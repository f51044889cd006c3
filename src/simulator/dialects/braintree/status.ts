/** The status of a transaction, as time and the books have it. */

import type braintree from 'braintree';
import { type Charge, remaining } from '../../books.ts';
import { VOIDED } from '../../corrections.ts';
import type { Movement, Refund } from '../../movements.ts';
import { isoDecimals } from '../amounts.ts';
import { staysPending } from './nonces.ts';
import { saleWire } from './wire.ts';

export type Status = braintree.TransactionStatus;

export const GATEWAY_REJECTIONS: ReadonlySet<string> = new Set([
  'application_incomplete',
  'avs',
  'avs_and_cvv',
  'cvv',
  'duplicate',
  'fraud',
  'risk_threshold',
  'three_d_secure',
  'token_issuance',
]);

export function statusOf(charge: Charge, now: number): Status {
  switch (charge.state) {
    case 'declined':
      return declinedStatus(processorCode(charge));
    case 'voided':
      return 'voided';
    case 'expired':
      return charge.captured === 0 ? 'authorization_expired' : capturedStatus(charge, now);
    case 'requires_action':
      return 'authorizing';
    case 'pending':
      return 'settlement_pending';
    case 'open':
      return charge.captured === 0 ? 'authorized' : capturedStatus(charge, now);
    default:
      return charge.state satisfies never;
  }
}

/** The parent of parts stands aside while something is left of it. */
function capturedStatus(charge: Charge, now: number): Status {
  const { parts, withdrawn } = saleWire(charge);
  if (withdrawn) return 'voided';
  if (parts !== 'none') return remaining(charge) > 0 ? 'settlement_pending' : 'settlement_confirmed';
  return charge.captures[0] === undefined ? 'authorized' : captureStatus(charge, charge.captures[0], now);
}

/** Of one capture: the transaction's own, or a part of it. */
export function captureStatus(charge: Charge, capture: Movement, now: number): Status {
  if (isTakenBack(charge)) return 'settlement_declined';
  if (staysPending(wholeUnits(charge.amount, charge.currency))) return 'settlement_pending';
  return isSettled(charge, capture, now) ? 'settled' : 'submitted_for_settlement';
}

/** A settlement that was declined, or a bank debit that came back; not a void. */
export function isTakenBack({ reversals }: Charge): boolean {
  return reversals?.some(({ code }) => code !== VOIDED) ?? false;
}

export function refundStatus(charge: Charge, refund: Refund, now: number): Status {
  if (refund.state === 'failed') return 'processor_declined';
  if (charge.returns?.some(({ of }) => of === refund.id)) return 'settlement_declined';
  return isSettled(charge, refund, now) ? 'settled' : 'submitted_for_settlement';
}

export function isSettled(charge: Charge, { at }: Movement, now: number): boolean {
  const { settlementMs, settledAt } = saleWire(charge);
  return at + settlementMs <= now || (settledAt !== null && at <= settledAt);
}

/** The books' own code where a fault of the simulator declined it. */
export function processorCode({ code }: Charge): string {
  if (code === '00') return '1000';
  return code === '05' ? '2000' : code;
}

export function wholeUnits(amount: number, currency: string): number {
  return Math.floor(amount / 10 ** isoDecimals(currency));
}

function declinedStatus(code: string): Status {
  if (GATEWAY_REJECTIONS.has(code)) return 'gateway_rejected';
  if (code === '4001') return 'settlement_declined';
  return code === '3000' ? 'failed' : 'processor_declined';
}
