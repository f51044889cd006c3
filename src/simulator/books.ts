/**
 * The provider's own books: charges, what moved on them, and what became of every operation.
 *
 * Plain data and functions over it. Time and ids come in as arguments; nothing here knows of HTTP, files or
 * faults. What is asked beyond the provider's rules is refused here and nowhere else.
 */

import type { Due } from './due.ts';
import type { Dispute, Later, Movement, Refund, Return } from './movements.ts';
import type { ProblemCode } from './problems.ts';
import { emptyShelf, type Shelf, type Wire } from './shelf.ts';

/** `prepare` makes what moves no money: a customer, a stored method, a payment that nobody has confirmed. */
export type Kind = 'authorize' | 'complete' | 'capture' | 'void' | 'refund' | 'prepare';

export const MOVE_TYPES = [
  'charge.authorized',
  'charge.declined',
  'charge.captured',
  'charge.voided',
  'charge.expired',
  'charge.reversed',
  'refund.succeeded',
  'refund.returned',
  // Below: of charges that were made in a dialect, which may tell of it.
  'charge.challenged',
  'charge.pending',
  'refund.pending',
  'refund.failed',
  'dispute.inquiry',
  'dispute.inquiry_closed',
  'dispute.opened',
  'dispute.won',
  'dispute.lost',
  // Taken for granted first, and refused after all: where a dialect answers before it decides.
  'capture.refused',
  'void.refused',
  'refund.refused',
] as const;

/** One thing that happened to a charge, as it is told to the outside: in the list and by webhook. */
export type Move = {
  charge: string;
  type: (typeof MOVE_TYPES)[number];
  at: number;
  amount: number;
  operation: string | null;
  movement: string | null;
  of: string | null;
  code: string;
  /** The charge as it stood then, without its calls: of dialects, whose webhooks show the whole. */
  snapshot?: Charge;
};

/** Who is sent a webhook. `next` is the number of the first move that it may not have yet. */
export type Endpoint = {
  id: string;
  url: string;
  secret: string;
  next: number;
  at: number;
  /** Absent: the plain one. An endpoint is told of the charges of its dialect. */
  dialect?: string;
};

export type Call = {
  at: number;
  operation: Kind | 'lookup';
  key: string | null;
  operation_id: string;
  fault: string | null;
  http_status: number | null;
};

/** A call that belongs to no charge: nothing was made of it, or not yet. */
export type StrayCall = Call & { reference: string | null };

export type ChargeState = 'requires_action' | 'pending' | 'open' | 'declined' | 'voided' | 'expired';

export type Charge = {
  id: string;
  /** Absent: the plain one. */
  dialect?: string;
  wire?: Wire;
  reference: string;
  /** Null, like the operation that made it, for what was charged in the dashboard. */
  attempt: string | null;
  operation: string | null;
  currency: string;
  /** What was asked; `authorized` is what was given. */
  amount: number;
  capture: boolean;
  state: ChargeState;
  /** The raw response code of the decision: "00" when approved. */
  code: string;
  at: number;
  /** When the charge was authorised or declined. */
  decidedAt: number;
  /** When a pending charge settles or an unanswered challenge lapses. */
  dueAt: number;
  /** What a pending charge becomes. */
  becomes: 'approve' | 'decline' | null;
  /** Why it will be declined. */
  becomesCode?: string | undefined;
  later?: Later | undefined;
  laterAt?: number | undefined;
  /** Goes on by itself once the customer has passed the challenge: no call completes it. */
  unattended?: boolean | undefined;
  challenge: 'open' | 'passed' | 'failed' | 'abandoned' | null;
  returnUrl: string | null;
  /** Minor units given beyond what was asked: the wrong-amount fault. */
  excess: number;
  authorized: number;
  captured: number;
  /** With what is pending, without what failed or came back. */
  refunded: number;
  /** Released: by a void, by the end of a final capture, or by expiry. */
  voided: number;
  captures: Movement[];
  refunds: Refund[];
  /** Captured money taken back, refunds that came back, disputes: absent on nearly every charge. */
  reversals?: Movement[];
  returns?: Return[];
  disputes?: Dispute[];
  /** The provider's id of the void. */
  voidId: string | null;
  calls: Call[];
  callsTotal: number;
};

/**
 * What became of one operation. `follows` is an authorisation or its completion: its result is the charge's.
 * `already` was refused because another operation had done it; a look-up tells the movement that stands.
 */
export type Operation = {
  id: string;
  key: string;
  kind: Kind;
  charge: string | null;
  fingerprint: string;
  status: 'follows' | 'approved' | 'declined' | 'rejected' | 'already';
  code: string;
  movement: string | null;
  amount: number;
  at: number;
  /** Its key had been forgotten by then, and is its own from here on. */
  renews?: boolean;
};

export type Books = {
  charges: Map<string, Charge>;
  byReference: Map<string, Charge[]>;
  byAttempt: Map<string, Charge[]>;
  byKey: Map<string, Operation>;
  /** The first operation of an id: with duplicate keys ignored there may be more. */
  operations: Map<string, Operation>;
  /** Attempts that were cancelled before they arrived. */
  cancelled: Set<string>;
  /** Keys whose token has had its fault. */
  fired: Set<string>;
  strays: StrayCall[];
  shelf: Shelf;
  /** All that happened, in order; the first has the number `firstMove`, which grows when books are cleared. */
  moves: Move[];
  firstMove: number;
  /** What time will do to charges. */
  due: Due;
  endpoints: Map<string, Endpoint>;
};

export const MAX_CALLS_KEPT = 50;
export const MAX_STRAYS = 1000;
const VALIDITY_MS = 7 * 24 * 3600_000;

export function emptyBooks(): Books {
  return {
    charges: new Map(),
    byReference: new Map(),
    byAttempt: new Map(),
    byKey: new Map(),
    operations: new Map(),
    cancelled: new Set(),
    fired: new Set(),
    strays: [],
    shelf: emptyShelf(),
    moves: [],
    firstMove: 0,
    due: [],
    endpoints: new Map(),
  };
}

/** The number that the next move will have. */
export function endOfMoves(books: Books): number {
  return books.firstMove + books.moves.length;
}

export function recordCall(books: Books, charge: Charge | null, call: Call, reference: string | null): void {
  if (charge === null) {
    books.strays.push({ ...call, reference });
    if (books.strays.length > MAX_STRAYS) books.strays.shift();
    return;
  }
  charge.calls = added(charge.calls, call);
  charge.callsTotal += 1;
  if (charge.calls.length > MAX_CALLS_KEPT) charge.calls.shift();
}

/** A first push reserves room for 17: with millions of charges of one entry each, a list of one is made anew. */
export function added<T>(list: T[], item: T): T[] {
  if (list.length === 0) return [item];
  list.push(item);
  return list;
}

/** What is still held: authorised, not captured, not released. A wrong capture never makes it negative. */
export function remaining(charge: Charge): number {
  return Math.max(0, charge.authorized - charge.captured - charge.voided);
}

/** When time alone will change the charge; null when it never will. */
export function dueOf(charge: Charge): number | null {
  let due = earlier(stateDue(charge), charge.laterAt);
  for (const { dueAt } of charge.refunds) due = earlier(due, dueAt);
  return due;
}

function earlier(a: number | null, b: number | undefined): number | null {
  if (b === undefined) return a;
  return a === null ? b : Math.min(a, b);
}

/** When the state itself will change. */
export function stateDue(charge: Charge): number | null {
  switch (charge.state) {
    case 'requires_action':
      return charge.challenge === 'passed' ? null : charge.dueAt;
    case 'pending':
      return charge.dueAt;
    case 'open':
      return remaining(charge) > 0 ? charge.decidedAt + VALIDITY_MS : null;
    case 'declined':
    case 'voided':
    case 'expired':
      return null;
    default:
      return charge.state satisfies never;
  }
}

/** What an authorisation or a completion has come to, as the charge stands now. */
export function standing(
  charge: Charge,
): 'approved' | 'declined' | 'requires_action' | 'pending' | 'charge_voided' {
  switch (charge.state) {
    case 'requires_action':
    case 'pending':
    case 'declined':
      return charge.state;
    case 'open':
    case 'voided':
    case 'expired':
      return charge.authorized > 0 ? 'approved' : 'charge_voided';
    default:
      return charge.state satisfies never;
  }
}

export type Verdict = Pick<Operation, 'status' | 'code' | 'movement' | 'amount'>;

export const FOLLOWS: Verdict = { status: 'follows', code: '00', movement: null, amount: 0 };

export function rejected(code: ProblemCode): Verdict {
  return { status: 'rejected', code, movement: null, amount: 0 };
}

export function approved(movement: string, amount: number): Verdict {
  return { status: 'approved', code: '00', movement, amount };
}
