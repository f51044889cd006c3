/** What is asked of a transaction that is there: submitted for settlement, voided, refunded. */

import type { Charge, Operation, Verdict } from '../../books.ts';
import { approved, rejected, remaining } from '../../books.ts';
import { reverse, VOIDED } from '../../corrections.ts';
import { isProblemCode } from '../../problems.ts';
import { capture, type Moment, refund, release } from '../../rules.ts';
import type { Context, Done, Job, Order, Said } from '../../simulator.ts';
import type { Reply } from '../../view.ts';
import { bare, type ErrorCode, errorOfRefusal, invalid, said } from './errors.ts';
import { findTransaction, signpost } from './find.ts';
import { amountOf } from './merchant-accounts.ts';
import { type BraintreeRequest, groupOf, job, namesIn, ok, operationOf, textOf } from './request.ts';
import { isSettled } from './status.ts';
import { transactionView } from './view.ts';
import { BRAINTREE, refundedTransaction, rewire, saleWire, type Told } from './wire.ts';

/** All of it or a part; the rest is released. */
export function submit(request: BraintreeRequest): Job | Said {
  const found = findTransaction(request.sim, request.id);
  if (found === null) return said(bare(404));
  const { charge } = found;
  const amount = amountAsked(request, charge);
  if (amount === 'invalid') return said(invalid('81503'));
  return change(request, 'capture', found, '91507', ({ twist, at }, operation) => {
    if (found.kind !== 'sale' || saleWire(charge).parts !== 'none' || charge.captured > 0)
      return done(charge, rejected('already_captured'));
    const ask = { amount: amount ?? remaining(charge), final: true };
    return done(charge, capture(charge, ask, twist.excess, operation, at));
  });
}

/** A transaction of its own for each part; the parent waits for the next unless this one is the last. */
export function submitPart(request: BraintreeRequest): Job | Said {
  const found = findTransaction(request.sim, request.id);
  if (found === null) return said(bare(404));
  const { charge } = found;
  const json = groupOf(request.body, 'transaction');
  const amount = amountAsked(request, charge);
  if (amount === 'invalid' || amount === null) return said(invalid(amount === null ? '81502' : '81503'));
  return change(request, 'capture', found, '915103', ({ twist, at }, operation) => {
    const { parts, partOrderIds } = saleWire(charge);
    if (found.kind !== 'sale' || (parts === 'none' && charge.captured > 0) || parts === 'finished')
      return done(charge, rejected('already_captured'));
    const ask = { amount, final: json['final_capture'] === true };
    const verdict = capture(charge, ask, twist.excess, operation, at);
    if (verdict.movement === null) return done(charge, verdict);
    const id = verdict.movement;
    rewire(charge, {
      parts: ask.final ? 'finished' : 'open',
      partOrderIds: { ...partOrderIds, [id]: textOf(json, 'order_id') },
    });
    return { ...done(charge, verdict), things: [signpost(id, charge, at.now)] };
  });
}

/** Also what was submitted and is not settled: the capture then comes to nothing. */
export function voidTransaction(request: BraintreeRequest): Job | Said {
  const found = findTransaction(request.sim, request.id);
  if (found === null) return said(bare(404));
  const { charge } = found;
  return change(request, 'void', found, '91504', ({ at }, operation) => {
    if (found.kind !== 'sale') return done(charge, rejected('void_after_capture'));
    return done(charge, charge.captured > 0 ? withdraw(charge, at) : release(charge, operation, at));
  });
}

export function withdraw(charge: Charge, at: Moment): Verdict {
  const settled = charge.captures.some((one) => isSettled(charge, one, at.now));
  if (settled || saleWire(charge).parts !== 'none') return rejected('void_after_capture');
  rewire(charge, { withdrawn: true });
  return reverse(charge, charge.captured, at, VOIDED);
}

/** Of what is settled only; without an amount all that is left. */
export function refundTransaction(request: BraintreeRequest): Job | Said {
  const found = findTransaction(request.sim, request.id);
  if (found === null) return said(bare(404));
  const { charge } = found;
  const asked = amountAsked(request, charge);
  if (asked === 'invalid') return said(invalid('81503'));
  const orderId = textOf(groupOf(request.body, 'transaction'), 'order_id');
  return change(request, 'refund', found, '915201', ({ twist, at }, operation) => {
    const captured = found.kind === 'part' ? found.capture : charge.captures[0];
    if (found.kind === 'refund' || captured === undefined || !isSettled(charge, captured, at.now))
      return done(charge, rejected('nothing_captured'));
    const left = captured.amount - refundedOf(charge, request.id);
    if (left <= 0) return done(charge, rejected('already_refunded'));
    const amount = asked ?? left;
    if (amount > left) return done(charge, rejected('refund_exceeds_capture'));
    const ask = { amount, wire: { orderId, of: request.id } };
    const verdict = refund(charge, ask, twist.excess, operation, at);
    const things = verdict.movement === null ? [] : [signpost(verdict.movement, charge, at.now)];
    return { ...done(charge, verdict), things };
  });
}

function refundedOf(charge: Charge, id: string): number {
  const gone = new Set((charge.returns ?? []).map(({ of }) => of));
  return charge.refunds
    .filter((one) => refundedTransaction(charge, one) === id && one.state !== 'failed' && !gone.has(one.id))
    .reduce((sum, { amount }) => sum + amount, 0);
}

type Act = (context: Context, operation: string) => Done;

function change(
  request: BraintreeRequest,
  kind: Order['kind'],
  found: Told,
  declined: ErrorCode,
  act: Act,
): Job {
  const named = namesIn(textOf(groupOf(request.body, 'transaction'), 'order_id')).operation;
  const operation = operationOf(request, named);
  const { charge } = found;
  return job(
    {
      kind,
      operation,
      charge,
      reference: charge.reference,
      execute: (context) =>
        context.twist.declined
          ? done(charge, { status: 'declined', code: declined, movement: null, amount: 0 })
          : act(context, operation),
    },
    (made) => reply(request, made, found, declined),
  );
}

function reply(request: BraintreeRequest, made: Operation, found: Told, declined: ErrorCode): Reply {
  if (made.status === 'declined') return invalid(declined);
  if (isProblemCode(made.code)) return invalid(errorFor(made.kind, made.code));
  const own = made.kind === 'refund' || (made.kind === 'capture' && saleWire(found.charge).parts !== 'none');
  const told = own && made.movement !== null ? findTransaction(request.sim, made.movement) : found;
  const { now } = request.sim.moment(BRAINTREE);
  return ok(own ? 201 : 200, 'transaction', transactionView(told ?? found, now));
}

/** The same refusal of the books is another error for another call. */
function errorFor(kind: Operation['kind'], code: string): ErrorCode {
  if (kind === 'void') return '91504';
  if (kind === 'refund' && code === 'nothing_captured') return '91506';
  return errorOfRefusal(code);
}

function amountAsked({ body }: BraintreeRequest, { currency }: Charge): number | null | 'invalid' {
  const given = groupOf(body, 'transaction')['amount'];
  if (given === undefined || given === null) return null;
  return amountOf(given, currency) ?? 'invalid';
}

function done(charge: Charge, verdict: Verdict): Done {
  return { charge, verdict };
}

/** For the sandbox's own calls, which say how a settlement ended. */
export function settle(charge: Charge, declined: boolean, at: Moment): Verdict {
  if (charge.captured === 0) return rejected('nothing_captured');
  if (declined) return reverse(charge, charge.captured - charge.refunded, at, '4001');
  rewire(charge, { settledAt: at.now });
  return approved(charge.id, charge.captured);
}
