/** The statuses that a transaction has been through, as far as they tell what happened to its money. */

import type { Charge } from '../../books.ts';
import type { Movement } from '../../movements.ts';
import { isBankDebit } from './nonces.ts';
import { isSettled, isTakenBack, type Status } from './status.ts';
import { saleWire, type Told } from './wire.ts';

export type Event = { at: number; status: Status; amount: number };

/** The oldest first; the last is the present one. */
export function historyOf(told: Told, present: Status, now: number): Event[] {
  const events = eventsOf(told, now);
  const last = events.at(-1);
  if (last?.status === present) return events;
  const { charge } = told;
  const amount = last?.amount ?? charge.amount;
  return [...events, { at: lastChange(told, now), status: present, amount }];
}

function eventsOf(told: Told, now: number): Event[] {
  const { charge } = told;
  switch (told.kind) {
    case 'sale': {
      const [whole] = saleWire(charge).parts === 'none' ? charge.captures : [];
      return [...authorizing(charge), ...(whole === undefined ? [] : settling(charge, whole, now))];
    }
    case 'part':
      return settling(charge, told.capture, now);
    case 'refund':
      return settling(charge, told.refund, now);
    default:
      return told satisfies never;
  }
}

function authorizing(charge: Charge): Event[] {
  if (charge.authorized === 0) return [];
  if (isBankDebit(saleWire(charge).instrument))
    return [{ at: charge.at, status: 'settlement_pending', amount: charge.amount }];
  return [{ at: charge.decidedAt, status: 'authorized', amount: charge.authorized }];
}

function settling(charge: Charge, moved: Movement, now: number): Event[] {
  const { at, amount } = moved;
  const submitted: Event = { at, status: 'submitted_for_settlement', amount };
  if (!isSettled(charge, moved, now)) return [submitted];
  return [submitted, { at: at + saleWire(charge).settlementMs, status: 'settled', amount }];
}

function lastChange({ charge }: Told, now: number): number {
  if (isTakenBack(charge)) return charge.reversals?.at(-1)?.at ?? now;
  return Math.min(now, Math.max(charge.decidedAt, charge.at));
}
