/** What a provider does to a charge afterwards, against what it said before: no call of ours asks for it. */

import { approved, type Charge, rejected, type Verdict } from './books.ts';
import { authorize, type Moment, reversed, tell } from './rules.ts';

/** Approves what was declined, or holds again what has lapsed. It is the first operation that is approved. */
export function approveLate(charge: Charge, at: Moment): Verdict {
  if (charge.state === 'expired') holdAgain(charge, at);
  else if (charge.state === 'declined') authorize(charge, charge.operation, at);
  else return rejected('nothing_to_approve');
  return approved(charge.id, charge.authorized);
}

/** Takes captured money back: a bank's return, a capture that failed late. */
export function reverse(charge: Charge, amount: number, at: Moment): Verdict {
  if (charge.captured === 0) return rejected('nothing_captured');
  if (amount > charge.captured - reversed(charge) - charge.refunded) {
    return rejected('reversal_exceeds_capture');
  }
  const made = { id: at.id('rv'), amount, at: at.now, operation: null };
  charge.reversals = [...(charge.reversals ?? []), made];
  tell(charge, 'charge.reversed', { amount, movement: made.id }, at);
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

/** Nothing was released before it lapsed, so all that was released comes back. */
function holdAgain(charge: Charge, at: Moment): void {
  charge.state = 'open';
  charge.voided = 0;
  charge.decidedAt = at.now;
  tell(charge, 'charge.authorized', { amount: charge.authorized, operation: charge.operation }, at);
}
