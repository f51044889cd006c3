/** Payments: an authorization is captured or voided, a capture is refunded. */

import type { Charge, Operation, Verdict } from '../../books.ts';
import { fresh } from '../../keeping.ts';
import type { Refund } from '../../movements.ts';
import { isProblemCode, refuse } from '../../problems.ts';
import * as rules from '../../rules.ts';
import type { Context, Job, Question, Said } from '../../simulator.ts';
import type { Reply } from '../../view.ts';
import { declinedInWords, errorReply, refused, refuseInWords } from './errors.ts';
import { orderOf } from './ids.ts';
import { type MoneyProblem, readMoney } from './money.ts';
import { findOrder, placesOf, rejectedAs } from './orders.ts';
import { at, has, job, KEPT_MS, PAYPAL, type PayPalRequest, question, textOf } from './request.ts';
import {
  authorizationView,
  captureView,
  findCapture,
  isCarriedOut,
  keptOf,
  refundedOf,
  refundView,
  untakenView,
  type View,
} from './views.ts';
import { wireOf } from './wire.ts';

type Kind = 'capture' | 'void' | 'refund';

export function captureAuthorization(request: PayPalRequest, id: string): Job | Said {
  const charge = findAuthorization(request, id);
  if (charge === null) return unknown();
  const amount = amountOf(request, charge, charge.authorized - charge.captured - charge.voided);
  if (typeof amount !== 'number') return amount;
  const { body, operation } = request;
  const final = body['final_capture'] === true;
  const act = ({ twist, at: moment }: Context): Verdict => {
    const verdict = rules.capture(charge, { amount, final }, twist.excess, operation, moment);
    if (verdict.status === 'approved') noteCapture(charge, operation, textOf(body, 'invoice_id'), final);
    return verdict;
  };
  return jobOn(request, 'capture', charge, KEPT_MS.payment, act, ({ movement }) =>
    madeReply(request, viewOfCapture(request, charge, movement)),
  );
}

export function voidAuthorization(request: PayPalRequest, id: string): Job | Said {
  const charge = findAuthorization(request, id);
  if (charge === null) return unknown();
  const act = ({ at: moment }: Context) => rules.release(charge, request.operation, moment);
  return jobOn(request, 'void', charge, null, act, () =>
    request.whole
      ? { status: 200, body: authorizationView(charge, placesOf(request)) }
      : { status: 204, body: null },
  );
}

export function refundCapture(request: PayPalRequest, id: string): Job | Said {
  const charge = findCharge(request, (one) => findCapture(one, id) !== undefined);
  const capture = charge === null ? undefined : findCapture(charge, id);
  if (charge === null || capture === undefined) return unknown();
  const left = capture.amount - refundedOf(charge, id);
  const amount = amountOf(request, charge, left);
  if (typeof amount !== 'number') return amount;
  const { body, operation, sim } = request;
  const customId = textOf(body, 'custom_id') ?? wireOf(charge).customId;
  const wire = {
    capture: id,
    customId,
    invoiceId: textOf(body, 'invoice_id'),
    note: textOf(body, 'note_to_payer'),
  };
  const fate = wireOf(charge).refunds;
  const plan = fate === null ? {} : { plan: { becomes: fate, afterMs: sim.settings.refund_ms } };
  const act = ({ twist, at: moment }: Context): Verdict => {
    const open = capture.amount - refundedOf(charge, id);
    if (open === 0) return rejectedAs('already_refunded');
    if (amount > open) return rejectedAs('refund_exceeds_capture');
    return rules.refund(charge, { amount, wire, ...plan }, twist.excess, operation, moment);
  };
  return jobOn(request, 'refund', charge, KEPT_MS.payment, act, ({ movement }) => {
    const refund = charge.refunds.find((one) => one.id === movement) as Refund;
    return madeReply(request, refundView(charge, refund, placesOf(request)));
  });
}

export function getAuthorization(request: PayPalRequest, id: string): Question | Said {
  const charge = findAuthorization(request, id);
  if (charge === null) return unknown();
  return question(id, charge, () => ({ status: 200, body: authorizationView(charge, placesOf(request)) }));
}

export function getCapture(request: PayPalRequest, id: string): Question | Said {
  const charge = findCharge(
    request,
    (one) => untaken(one, request)?.id === id || findCapture(one, id) !== undefined,
  );
  if (charge === null) return unknown();
  const capture = findCapture(charge, id);
  const view = () =>
    capture === undefined
      ? untakenView(charge, placesOf(request))
      : viewOfCapture(request, charge, capture.id);
  return question(id, charge, () => ({ status: 200, body: view() }));
}

export function getRefund(request: PayPalRequest, id: string): Question | Said {
  const find = (charge: Charge) => charge.refunds.find((one) => one.id === id);
  const charge = findCharge(request, (one) => find(one) !== undefined);
  if (charge === null) return unknown();
  const view = () => refundView(charge, find(charge) as Refund, placesOf(request));
  return question(id, charge, () => ({ status: 200, body: view() }));
}

function jobOn(
  request: PayPalRequest,
  kind: Kind,
  charge: Charge,
  keptMs: number | null,
  act: (context: Context) => Verdict,
  answer: (operation: Operation) => Reply,
): Job {
  const { operation } = request;
  const verdictOf = (context: Context): Verdict =>
    context.twist.declined ? { ...rejectedAs(''), status: 'declined' } : act(context);
  const order = {
    kind,
    operation,
    charge,
    reference: charge.reference,
    tokenFault: null,
    execute: (context: Context) => ({ charge, verdict: verdictOf(context) }),
  };
  return job(request, order, keptMs, (done) => refusalOf(kind, done) ?? answer(done));
}

function refusalOf(kind: Kind, { status, code }: Operation): Reply | null {
  if (status === 'approved') return null;
  if (status === 'declined') return declinedInWords(kind);
  return isProblemCode(code) ? refuseInWords(refuse(code), kind) : errorReply(422, code, code);
}

function madeReply({ whole }: PayPalRequest, { id, status, links, ...rest }: View): Reply {
  return { status: 201, body: whole ? { id, status, ...rest, links } : { id, status, links } };
}

/** In the minor units of the books: what was asked, else all that is left. */
function amountOf({ body }: PayPalRequest, { currency }: Charge, left: number): number | Said {
  if (!has(body, 'amount')) return Math.max(0, left);
  const money = readMoney(at(body, 'amount'));
  if (money === null)
    return refused(400, 'MISSING_REQUIRED_PARAMETER', 'amount needs currency_code and value.');
  if (typeof money === 'string') return refused(422, money satisfies MoneyProblem, 'See the currency codes.');
  if (money.currency !== currency)
    return refused(422, 'CURRENCY_MISMATCH', 'The currency must be that of the payment.');
  return money.amount;
}

function noteCapture(charge: Charge, operation: string, invoiceId: string | null, final: boolean): void {
  const wire = wireOf(charge);
  const told = { invoiceId: invoiceId ?? wire.invoiceId, final };
  charge.wire = { ...wire, captures: { ...wire.captures, [operation]: told } };
}

function viewOfCapture(request: PayPalRequest, charge: Charge, movement: string | null): View {
  const capture = charge.captures.find(({ id }) => id === movement);
  if (capture === undefined) throw new Error('a capture that was made is in the books');
  return captureView(charge, capture, keptOf(charge, capture.operation), placesOf(request));
}

function untaken(charge: Charge, request: PayPalRequest): View | undefined {
  const none = charge.capture && charge.captures.length === 0 && isCarriedOut(charge);
  return none ? untakenView(charge, placesOf(request)) : undefined;
}

function findAuthorization(request: PayPalRequest, id: string): Charge | null {
  const charge = findOrder(request, orderOf(id));
  return charge !== null && !charge.capture && isCarriedOut(charge) ? charge : null;
}

/** Captures and refunds have no index: nearly always our own words lead to the charge, else all are looked through. */
function findCharge({ sim, body }: PayPalRequest, is: (charge: Charge) => boolean): Charge | null {
  const [reference = ''] = textOf(body, 'custom_id')?.split('.') ?? [];
  const near = sim.books.byReference.get(reference) ?? [];
  for (const charge of [...near, ...sim.books.charges.values()]) {
    const known = charge.dialect === PAYPAL ? fresh(sim, charge) : null;
    if (known !== null && is(known)) return known;
  }
  return null;
}

function unknown(): Said {
  return { is: 'said', reply: refuseInWords(refuse('not_found')) };
}
