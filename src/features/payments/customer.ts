/** What support may tell the customer, in words that fit every status. */

import { declineRule } from '../../core/declines.ts';
import { formatMoney } from '../../core/money.ts';
import { amounts, mainAttempt, memo, status } from '../../core/payment/summary.ts';
import type { State } from '../../core/payment.ts';

export function customerView(state: State): { message: string; action_required: boolean } {
  const now = status(state);
  const sums = amounts(state);
  const main = mainAttempt(state);
  const money = (amountMinor: number) => formatMoney({ amountMinor, currency: state.currency });
  switch (now) {
    case 'requires_payment_method':
      return { message: unpaidMessage(state), action_required: true };
    case 'requires_confirmation':
      return { message: 'The payment has not been confirmed yet.', action_required: true };
    case 'requires_action':
      return { message: 'Your bank asks you to confirm the payment.', action_required: true };
    case 'processing':
      return {
        message:
          'Your payment is being processed. Please do not pay again; we will tell you as soon as it is done.',
        action_required: false,
      };
    case 'authorized':
      return {
        message: `${money(main ? memo(main) : 0)} is reserved on your card and has not been charged yet.`,
        action_required: false,
      };
    case 'partially_captured':
      return {
        message: `${money(sums.captured)} was charged; up to ${money(sums.capturable)} more is reserved.`,
        action_required: false,
      };
    case 'captured':
      return {
        message: `${chargedMessage(money, sums)}${refundMessage(money, state)}`,
        action_required: false,
      };
    case 'voided':
      return {
        message:
          'The payment was cancelled and nothing was charged. A reservation disappears from your statement within some days.',
        action_required: false,
      };
    case 'failed':
      return { message: 'The payment was not made. Please start a new one.', action_required: true };
    case 'expired':
      return { message: 'The reservation has expired and nothing was charged.', action_required: false };
    default:
      return now satisfies never;
  }
}

function chargedMessage(money: (amount: number) => string, sums: ReturnType<typeof amounts>): string {
  const refunded =
    sums.refunded > 0 ? ` ${money(sums.refunded)} was refunded; a bank takes up to ten days to show it.` : '';
  if (sums.reversed >= sums.captured)
    return `Your payment of ${money(sums.captured)} was taken back by your bank, and has not been made.${refunded}`;
  const back = sums.disputed + sums.reversed;
  const taken = back > 0 ? ` ${money(back)} of it was taken back by your bank.` : '';
  return `Your payment of ${money(sums.captured)} succeeded.${refunded}${taken}`;
}

function unpaidMessage({ attempts }: State): string {
  const failure = attempts.at(-1)?.failure;
  if (failure?.decline) return declineRule(failure.decline.reason).customer_message;
  return failure
    ? 'The payment could not be made for a technical reason, and nothing was charged. Please try again.'
    : 'The payment has not been made yet. Please enter how to pay.';
}

/** Of refunds that the customer may have been told of, and that are not on their statement. */
function refundMessage(money: (amount: number) => string, { refunds }: State): string {
  const pending = refunds.filter((r) => r.status === 'pending').reduce((sum, r) => sum + r.amount, 0);
  const last = refunds.at(-1);
  if (pending > 0) return ` A refund of ${money(pending)} is on its way.`;
  return last?.status === 'failed'
    ? ` A refund of ${money(last.amount)} did not reach you; please get in touch with us.`
    : '';
}
