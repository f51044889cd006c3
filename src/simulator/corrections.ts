/** What a provider does to a charge afterwards, against what it said before: no call of ours asks for it. */

import { approved, type Charge, rejected, type Verdict } from './books.ts';
import type { Dispute } from './movements.ts';
import { authorize, type Moment, refundable, tell } from './rules.ts';

/** The reason of a reversal that is a void: what was told as captured had not been sent to the bank yet. */
export const VOIDED = 'voided';

/** Approves what was declined, or holds again what has lapsed. It is the first operation that is approved. */
export function approveLate(charge: Charge, at: Moment): Verdict {
  if (charge.state === 'expired') holdAgain(charge, at);
  else if (charge.state === 'declined') authorize(charge, charge.operation, at);
  else return rejected('nothing_to_approve');
  return approved(charge.id, charge.authorized);
}

/** Takes captured money back: a bank's return, with its reason if it gave one; a capture that failed late. */
export function reverse(charge: Charge, amount: number, at: Moment, code?: string): Verdict {
  if (charge.captured === 0) return rejected('nothing_captured');
  if (amount > refundable(charge)) return rejected('reversal_exceeds_capture');
  const reason = code === undefined ? {} : { code };
  const made = { id: at.id('rv'), amount, at: at.now, operation: null, ...reason };
  charge.reversals = [...(charge.reversals ?? []), made];
  tell(charge, 'charge.reversed', { amount, movement: made.id, ...reason }, at);
  return approved(made.id, amount);
}

/** A refund that had succeeded comes back whole: the customer's account was closed. */
export function returnRefund(charge: Charge, refund: string, at: Moment): Verdict {
  const gone = charge.refunds.find(({ id }) => id === refund);
  if (gone === undefined) return rejected('not_found');
  if (charge.returns?.some(({ of }) => of === refund)) return rejected('refund_already_returned');
  const { amount } = gone;
  const made = { id: at.id('rr'), amount, at: at.now, operation: null, of: refund };
  charge.returns = [...(charge.returns ?? []), made];
  charge.refunded -= amount;
  tell(charge, 'refund.returned', { amount, movement: made.id, of: refund }, at);
  return approved(made.id, amount);
}

/** A customer's bank takes the money back, or asks before it does: an inquiry moves nothing. */
export function openDispute(
  charge: Charge,
  { amount, reason, inquiry }: { amount: number; reason: string; inquiry: boolean },
  at: Moment,
): Verdict {
  if (charge.captured === 0) return rejected('nothing_captured');
  if (amount > refundable(charge)) return rejected('dispute_exceeds_capture');
  const status = inquiry ? 'inquiry' : 'open';
  const made: Dispute = { id: at.id('dp'), amount, at: at.now, reason, status };
  charge.disputes = [...(charge.disputes ?? []), made];
  tell(charge, inquiry ? 'dispute.inquiry' : 'dispute.opened', toldOf(made), at);
  return approved(made.id, amount);
}

/** `open` escalates an inquiry: now the money is taken. */
export function moveDispute(charge: Charge, id: string, to: 'open' | 'won' | 'lost', at: Moment): Verdict {
  const dispute = charge.disputes?.find((one) => one.id === id);
  if (dispute === undefined) return rejected('not_found');
  const { status, amount } = dispute;
  if (status === 'inquiry' && to === 'open') {
    if (amount > refundable(charge)) return rejected('dispute_exceeds_capture');
    dispute.status = 'open';
    tell(charge, 'dispute.opened', toldOf(dispute), at);
  } else if (status === 'inquiry' && to === 'won') {
    dispute.status = 'inquiry_closed';
    tell(charge, 'dispute.inquiry_closed', toldOf(dispute), at);
  } else if (status === 'open' && to !== 'open') {
    dispute.status = to;
    tell(charge, to === 'won' ? 'dispute.won' : 'dispute.lost', toldOf(dispute), at);
  } else return rejected('dispute_closed');
  return approved(id, amount);
}

function toldOf({ id: movement, amount, reason: code }: Dispute) {
  return { amount, movement, code };
}

/** Nothing was released before it lapsed, so all that was released comes back. */
function holdAgain(charge: Charge, at: Moment): void {
  charge.state = 'open';
  charge.voided = 0;
  charge.decidedAt = at.now;
  tell(charge, 'charge.authorized', { amount: charge.authorized, operation: charge.operation }, at);
}
