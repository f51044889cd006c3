/** What time alone does to a charge: a lapse, a settlement, the fate of a refund, a return weeks later. */

import { type Charge, dueOf, stateDue } from './books.ts';
import { openDispute, returnRefund, reverse } from './corrections.ts';
import type { Refund } from './movements.ts';
import { answerChallenge, authorize, decline, expire, type Moment, refundable, tell } from './rules.ts';
import { CODES } from './tokens.ts';

/** All that was due since the charge was last looked at, in its order. True when it changed. */
export function catchUp(charge: Charge, at: Moment): boolean {
  let changed = false;
  for (let due = dueOf(charge); due !== null && due <= at.now; due = dueOf(charge)) {
    step(charge, due, { ...at, now: due });
    changed = true;
  }
  return changed;
}

/** Every branch clears what was due, or the loop above would not end. */
function step(charge: Charge, due: number, at: Moment): void {
  const refund = charge.refunds.find(({ dueAt }) => dueAt === due);
  if (refund !== undefined) settleRefund(charge, refund, at);
  else if (charge.laterAt === due) strikeLater(charge, at);
  else if (stateDue(charge) === due) settleState(charge, at);
}

function settleState(charge: Charge, at: Moment): void {
  if (charge.state === 'requires_action') answerChallenge(charge, 'abandoned', at);
  else if (charge.state === 'open') expire(charge, at);
  else if (charge.becomes === 'approve') authorize(charge, charge.operation, at);
  else decline(charge, charge.becomesCode ?? CODES.do_not_honor, charge.operation, at);
}

function settleRefund(charge: Charge, refund: Refund, at: Moment): void {
  refund.dueAt = undefined;
  const { id: movement, amount, operation } = refund;
  if (refund.becomes === 'returned') {
    returnRefund(charge, movement, at);
    return;
  }
  const failed = refund.becomes === 'failed';
  refund.state = failed ? 'failed' : 'succeeded';
  if (failed) charge.refunded -= amount;
  tell(charge, failed ? 'refund.failed' : 'refund.succeeded', { amount, operation, movement }, at);
}

/** It takes what is left: nothing, where all was refunded meanwhile. */
function strikeLater(charge: Charge, at: Moment): void {
  const { later } = charge;
  charge.later = undefined;
  charge.laterAt = undefined;
  const amount = refundable(charge);
  if (later === undefined || amount <= 0) return;
  if (later.what === 'reverse') reverse(charge, amount, at, later.code);
  else openDispute(charge, { amount, reason: later.code, inquiry: later.what === 'inquiry' }, at);
}
