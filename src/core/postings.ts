/**
 * Posting rules: from an event to its journal. The whole accounting of a payment is in this file.
 *
 * A journal depends on its event and on nothing else, so any order of events ends in the same balances.
 * Each rule carries a version, stored with the journal: a change of a rule is a new version beside the old
 * one, since a rebuild uses the version that was in force.
 */

import type { Event, Funds } from './payment/events.ts';

/** Positive is a debit, negative a credit: the lines of a journal sum to zero. */
export type Line = { account: string; amount: number };

export type Journal = { rule: string; version: number; lines: Line[] };

/** What is fixed for the life of a payment and chooses the merchant's account. */
export type Posting = { funds: Funds };

/** One rule per posting event; null where nothing moves. */
export function post(event: Event, { funds }: Posting): Journal | null {
  const merchant = merchantAccount(funds);
  switch (event.type) {
    case 'authorization_approved':
    case 'authorization_voided':
    case 'authorization_expired':
      return journal(event.type, memo(event.data.memo_change));
    case 'capture_succeeded': {
      // What it covers was posted before, under another name.
      const { provider, amount, memo_change, covers } = event.data;
      const taken = move(receivable(provider), merchant, amount - (covers?.amount ?? 0));
      return journal(event.type, [...memo(memo_change), ...taken]);
    }
    case 'capture_reversed':
      return journal(event.type, move(merchant, receivable(event.data.provider), event.data.amount));
    case 'refund_requested':
      return journal(event.type, move(merchant, inFlight(event.data.provider), event.data.amount));
    case 'refund_succeeded': {
      // What was in flight is settled; what was not (a refund that failed here or was never asked for, or a
      // difference in the amount) comes from the merchant directly.
      const { provider, amount, in_flight, covers } = event.data;
      return journal(event.type, [
        ...move(inFlight(provider), receivable(provider), in_flight),
        ...move(merchant, receivable(provider), amount - in_flight - (covers?.amount ?? 0)),
      ]);
    }
    case 'refund_failed':
      return journal(event.type, move(inFlight(event.data.provider), merchant, event.data.amount));
    case 'refund_returned':
      return journal(event.type, move(receivable(event.data.provider), merchant, event.data.amount));
    case 'dispute_opened':
    case 'dispute_won':
    case 'dispute_lost':
      return journal(event.type, dispute(event, funds));
    case 'payment_created':
    case 'attempt_started':
    case 'attempt_abandoned':
    case 'attempt_adopted':
    case 'action_required':
    case 'completion_requested':
    case 'authorization_failed':
    case 'capture_requested':
    case 'capture_failed':
    case 'void_requested':
    case 'void_failed':
    case 'operation_pending':
    case 'operation_unknown':
    case 'call_recorded':
    case 'operation_canceled':
    case 'payment_voided':
    case 'payment_failed':
    case 'fact_waiting':
    case 'fact_resumed':
    case 'exception_raised':
    case 'exception_withdrawn':
      return null;
    default:
      return event satisfies never;
  }
}

type Dispute = Extract<Event, { type: `dispute_${string}` }>;

/** Money kept for others is held back from them meanwhile; the company's own stays sold until it is lost. */
function dispute({ type, data }: Dispute, funds: Funds): Line[] {
  const { provider, amount } = data;
  const disputed = `dispute_receivable:${provider}`;
  const held = funds === 'held';
  const hold = (change: number) => (held ? move('merchant_pending', 'merchant_dispute_hold', change) : []);
  switch (type) {
    case 'dispute_opened':
      return [...move(disputed, receivable(provider), amount), ...hold(amount)];
    case 'dispute_won':
      return [...move(receivable(provider), disputed, amount), ...hold(-amount)];
    case 'dispute_lost': {
      if (data.after === 'won')
        return move(held ? 'merchant_pending' : 'dispute_loss', receivable(provider), amount);
      return move(held ? 'merchant_dispute_hold' : 'dispute_loss', disputed, amount);
    }
    default:
      return type satisfies never;
  }
}

export function merchantAccount(funds: Funds): string {
  return funds === 'own' ? 'sales' : 'merchant_pending';
}

export function receivable(provider: string): string {
  return `provider_receivable:${provider}`;
}

export function inFlight(provider: string): string {
  return `refund_in_flight:${provider}`;
}

/** Off the balance sheet: what is authorised and neither captured nor released. */
function memo(change: number): Line[] {
  return move('memo_authorized', 'memo_authorized_contra', change);
}

/** A negative amount is the opposite move; zero is no line at all. */
function move(debit: string, credit: string, amount: number): Line[] {
  if (amount === 0) return [];
  if (amount < 0) return move(credit, debit, -amount);
  return [
    { account: debit, amount },
    { account: credit, amount: -amount },
  ];
}

function journal(rule: string, lines: Line[]): Journal | null {
  return lines.length === 0 ? null : { rule, version: 1, lines };
}

/** Which side of an account is its own: a balance on the other side is worth a look. */
export function normalSide(account: string): 'debit' | 'credit' {
  const [name] = account.split(':');
  return DEBIT_NORMAL.has(name ?? '') ? 'debit' : 'credit';
}

const DEBIT_NORMAL: ReadonlySet<string> = new Set([
  'provider_receivable',
  'dispute_receivable',
  'dispute_loss',
  'memo_authorized',
]);
