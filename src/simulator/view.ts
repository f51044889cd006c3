/** How the books look from outside: the answers of the provider, and the books as a test reads them. */

import { type Books, type Call, type Charge, type Move, type Operation, standing } from './books.ts';
import type { Movement, Return } from './movements.ts';
import { isProblemCode, PROBLEMS, type ProblemCode, type Refusal } from './problems.ts';
import { reversed } from './rules.ts';

export type Reply = { status: number; body: object | string | null; headers?: Record<string, string> };

/** The answer to an operation, the same from the call, its repetition and a look-up. */
export type OperationView = {
  operation: string;
  kind: Operation['kind'];
  status: 'approved' | 'declined' | 'requires_action' | 'pending' | 'rejected';
  code: string;
  message: string;
  charge: string | null;
  movement: string | null;
  amount: number;
  amount_captured: number;
  currency: string | null;
  details: object | null;
  /** `answered`: the customer has passed, and only the completion is missing. */
  action: { type: 'redirect'; url: string; answered: boolean } | null;
  provider_at: string;
};

export function operationView(op: Operation, charge: Charge | null, url: string): OperationView {
  const base = {
    operation: op.id,
    kind: op.kind,
    charge: op.charge,
    currency: charge?.currency ?? null,
    amount_captured: 0,
    details: null,
    action: null,
  };
  if (op.status === 'follows' && charge !== null) return { ...base, ...following(charge, url) };
  const status = op.status === 'already' ? 'approved' : op.status === 'follows' ? 'rejected' : op.status;
  const at = new Date(op.at).toISOString();
  const { code, movement, amount } = op;
  return { ...base, status, code, message: messageOf(code), movement, amount, provider_at: at };
}

/** The answer to the call itself: a refusal is a problem there, and a plain record in a look-up. */
export function operationReply(op: Operation, charge: Charge | null, url: string): Reply {
  const view = operationView(op, charge, url);
  const refused = op.status === 'already' || view.status === 'rejected';
  if (!refused || !isProblemCode(view.code)) return { status: 200, body: view };
  return problem({ code: view.code, detail: view.message }, { operation: op.id, charge: op.charge });
}

export function problem(refusal: Refusal, more: object = {}): Reply {
  const { status, title } = PROBLEMS[refusal.code];
  const body = { type: 'about:blank', title, status, code: refusal.code, detail: refusal.detail, ...more };
  const headers = { 'content-type': 'application/problem+json' };
  return { status, body, headers: status === 429 ? { ...headers, 'retry-after': '1' } : headers };
}

export function chargeView(charge: Charge, url: string): object {
  return {
    id: charge.id,
    reference: charge.reference,
    attempt: charge.attempt,
    currency: charge.currency,
    amount: charge.amount,
    capture: charge.capture,
    ...amounts(charge),
    status: bookStatus(charge),
    code: charge.code,
    action: actionOf(charge, url),
    created_at: new Date(charge.at).toISOString(),
  };
}

export function bookView(charge: Charge): object {
  return {
    dialect: charge.dialect ?? 'plain',
    reference: charge.reference,
    attempt: charge.attempt,
    provider_reference: charge.id,
    currency: charge.currency,
    ...amounts(charge),
    status: bookStatus(charge),
    code: charge.code,
    captures: charge.captures.map(movementView),
    refunds: charge.refunds.map(movementView),
    reversals: (charge.reversals ?? []).map(movementView),
    returns: (charge.returns ?? []).map(movementView),
    disputes: (charge.disputes ?? []).map((one) => ({ ...one, at: new Date(one.at).toISOString() })),
    calls: charge.calls.map(callView),
    calls_total: charge.callsTotal,
  };
}

/** What happened, as the list and the webhooks tell it: the same words, the same id. `number` is the move's. */
export function moveView(move: Move, charge: Charge, number: number) {
  const { type, amount, operation, movement, of, code } = move;
  return {
    id: `whk_${charge.id.slice(3)}${number.toString(36)}`,
    type,
    created_at: new Date(move.at).toISOString(),
    data: {
      reference: charge.reference,
      attempt: charge.attempt,
      charge: charge.id,
      currency: charge.currency,
      amount,
      operation,
      movement,
      of,
      code,
      details: type === 'charge.authorized' ? detailsOf(charge) : null,
    },
  };
}

export type Totals = {
  charges: number;
  operations: number;
  by_currency: Record<string, ReturnType<typeof amounts>>;
};

export function totals(books: Books, charges: Iterable<Charge>): Totals {
  const sum: Totals = { charges: 0, operations: books.operations.size, by_currency: {} };
  for (const charge of charges) {
    sum.charges += 1;
    sum.by_currency[charge.currency] ??= { authorized: 0, captured: 0, refunded: 0, voided: 0, reversed: 0 };
    const total = sum.by_currency[charge.currency] as ReturnType<typeof amounts>;
    total.authorized += charge.authorized;
    total.captured += charge.captured;
    total.refunded += charge.refunded;
    total.voided += charge.voided;
    total.reversed += reversed(charge);
  }
  return sum;
}

export function callView(call: Call): object {
  return { ...call, at: new Date(call.at).toISOString() };
}

function following(
  charge: Charge,
  url: string,
): Omit<OperationView, 'operation' | 'kind' | 'charge' | 'currency'> {
  const status = standing(charge);
  const approved = status === 'approved';
  const code = status === 'charge_voided' ? status : charge.code;
  const sale = charge.capture && approved ? charge.captures[0] : undefined;
  return {
    status: status === 'charge_voided' ? 'rejected' : status,
    code,
    message: messageOf(code),
    movement: sale?.id ?? null,
    amount: approved ? charge.authorized : 0,
    amount_captured: sale?.amount ?? 0,
    details: approved ? detailsOf(charge) : null,
    action: actionOf(charge, url),
    provider_at: new Date(charge.decidedAt).toISOString(),
  };
}

function amounts(charge: Charge) {
  const { authorized, captured, refunded, voided } = charge;
  return { authorized, captured, refunded, voided, reversed: reversed(charge) };
}

function bookStatus(charge: Charge): string {
  if (charge.state !== 'open' || charge.captured === 0) {
    return charge.state === 'open' ? 'authorized' : charge.state;
  }
  return charge.captured + charge.voided >= charge.authorized ? 'captured' : 'partially_captured';
}

function actionOf(charge: Charge, url: string): OperationView['action'] {
  if (charge.state !== 'requires_action') return null;
  return { type: 'redirect', url: `${url}/3ds/${charge.id}`, answered: charge.challenge === 'passed' };
}

/** Derived from the charge's id, so that they are the same at every look and cost no memory. */
function detailsOf(charge: Charge): object {
  const digits = BigInt(`0x${charge.id.slice(3)}`)
    .toString()
    .padStart(15, '0');
  return {
    authorization_code: digits.slice(-6),
    bin: '424242',
    last4: '4242',
    avs_result: 'Y',
    cvc_result: 'M',
    eci: charge.challenge === 'passed' ? '05' : '07',
    network_transaction_id: digits.slice(0, 15),
  };
}

/** Without what a dialect keeps with it. */
function movementView({ wire: _, ...movement }: (Movement | Return) & { wire?: object }): object {
  return { ...movement, at: new Date(movement.at).toISOString() };
}

function messageOf(code: string): string {
  if (code === '00') return 'Approved';
  return isProblemCode(code) ? PROBLEMS[code satisfies ProblemCode].title : `Declined with code ${code}`;
}
