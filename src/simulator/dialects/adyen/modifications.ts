/**
 * Captures, cancels, refunds and reversals. Each is answered `received`, whatever becomes of it; what became of it is
 * told by webhook. In the books it is done, or refused, at once.
 */

import { type Charge, type Kind, type Operation, rejected, type Verdict } from '../../books.ts';
import { reverse as takeBack, VOIDED } from '../../corrections.ts';
import { refuse } from '../../problems.ts';
import * as rules from '../../rules.ts';
import type { Context, Job, Said } from '../../simulator.ts';
import { catchUp } from '../../time.ts';
import { CODES } from '../../tokens.ts';
import type { Reply } from '../../view.ts';
import { fromBooks } from '../amounts.ts';
import { invalid, refuseInWords, said } from './errors.ts';
import { ADYEN, type AdyenRequest, type Amount, amountOf, DEVIATIONS, job, textOf } from './request.ts';
import { type Modification, noteModification, wireOf } from './wire.ts';

type Act = (charge: Charge, context: Context) => Verdict;
type Way = {
  kind: Extract<Kind, 'capture' | 'void' | 'refund'>;
  by: Modification['by'];
  amount: Amount | null;
  act: Act;
};

export function capture(request: AdyenRequest, id: string): Job | Said {
  const amount = amountOf(request.body);
  if (amount === null) return invalid('137', 'Invalid amount specified');
  // What is left after a part is released: several captures have to be enabled for an account.
  const act: Act = (charge, { twist, at }) =>
    rules.capture(charge, { amount: amount.value, final: true }, twist.excess, request.operation, at);
  return modification(request, id, { kind: 'capture', by: 'psp', amount, act });
}

export function refund(request: AdyenRequest, id: string): Job | Said {
  const amount = amountOf(request.body);
  if (amount === null) return invalid('137', 'Invalid amount specified');
  const act: Act = (charge, context) => giveBack(request, charge, amount.value, context);
  return modification(request, id, { kind: 'refund', by: 'psp', amount, act });
}

export function cancel(request: AdyenRequest, id: string): Job | Said {
  const act: Act = (charge, { at }) => rules.release(charge, request.operation, at);
  return modification(request, id, { kind: 'void', by: 'psp', amount: null, act });
}

/** Gives back what was captured, else cancels. */
export function reverse(request: AdyenRequest, id: string): Job | Said {
  const act: Act = (charge, context) =>
    charge.captured > 0
      ? giveBack(request, charge, rules.refundable(charge), context)
      : rules.release(charge, request.operation, context.at);
  return modification(request, id, { kind: 'void', by: 'reversal', amount: null, act });
}

/** By the caller's own reference of the payment: Adyen takes it, whether there is such a payment or not. */
export function cancelByReference(request: AdyenRequest): Job | Said {
  const wanted = textOf(request.body, 'paymentReference');
  if (wanted === null) return invalid('130', "Required field 'paymentReference' is not provided.");
  const reference = wanted.split('.')[0] ?? wanted;
  const act: Act = (charge, { at }) => rules.release(charge, request.operation, at);
  const find = () =>
    request.sim.books.byReference.get(reference)?.find((one) => wireOf(one).merchantReference === wanted) ??
    null;
  const way = { kind: 'void', by: 'reference', amount: null, act } as const;
  return carriedOut(request, { find, reference, way });
}

function modification(request: AdyenRequest, id: string, way: Way): Job | Said {
  const charge = request.sim.books.charges.get(id);
  if (charge?.dialect !== ADYEN) return said(refuseInWords(refuse('not_found')));
  if (way.amount !== null && way.amount.currency !== charge.currency) {
    return invalid('138', 'Unsupported currency specified');
  }
  return carriedOut(request, { find: () => charge, reference: charge.reference, way });
}

type Target = { find(): Charge | null; reference: string; way: Way };

function carriedOut(request: AdyenRequest, { find, reference, way }: Target): Job {
  const { operation, body } = request;
  const execute = (context: Context) => {
    const charge = find();
    if (charge === null) return { charge, verdict: nothing(way, context) };
    catchUp(charge, context.at);
    const verdict = change(charge, way, operation, context);
    noteModification(charge, verdict.movement ?? '', { reference: textOf(body, 'reference'), by: way.by });
    return { charge, verdict };
  };
  return job(
    request,
    { kind: way.kind, operation, charge: find(), reference, tokenFault: null, execute },
    (done, charge) => received(request, way, done, charge),
  );
}

/** What the books refuse is told by webhook as well, under a PSP reference of its own. */
function change(charge: Charge, { kind, amount, act }: Way, operation: string, context: Context): Verdict {
  const { twist, at } = context;
  const verdict = twist.declined ? { ...DECLINED } : act(charge, context);
  if (verdict.status === 'approved') return verdict;
  const movement = at.id('cap');
  const told = { amount: amount?.value ?? charge.amount, operation, movement, code: verdict.code };
  rules.tell(charge, `${kind}.refused`, told, at);
  return { ...verdict, status: 'rejected', movement };
}

const DECLINED: Verdict = { status: 'declined', code: CODES.do_not_honor, movement: null, amount: 0 };

function nothing({ kind }: Way, { at }: Context): Verdict {
  return {
    status: 'rejected',
    code: 'not_found',
    movement: at.id(kind === 'void' ? 'vd' : 'cap'),
    amount: 0,
  };
}

function giveBack(
  { sim, operation }: AdyenRequest,
  charge: Charge,
  amount: number,
  { twist, at }: Context,
): Verdict {
  const fails = wireOf(charge).refundsFail;
  const plan = fails
    ? { plan: { becomes: 'returned', afterMs: sim.settings.refund_ms } as const, wire: { fails } }
    : {};
  return rules.refund(charge, { amount, ...plan }, twist.excess, operation, at);
}

function received(request: AdyenRequest, { by, amount }: Way, done: Operation, charge: Charge | null): Reply {
  const { body, merchantAccount } = request;
  const reference = textOf(body, 'reference');
  const told =
    amount === null
      ? {}
      : { amount: { ...amount, value: fromBooks(amount.value, amount.currency, DEVIATIONS) } };
  return {
    status: 201,
    body: {
      merchantAccount,
      ...(by === 'reference'
        ? { paymentReference: textOf(body, 'paymentReference') }
        : { paymentPspReference: charge?.id }),
      pspReference: done.movement,
      ...(reference === null ? {} : { reference }),
      status: 'received',
      ...told,
    },
  };
}

/** By hand, while the capture that follows a sale's approval has not been sent. */
export function voidSale(charge: Charge, at: rules.Moment): Verdict {
  const named = charge.captures.some(({ id }) => wireOf(charge).modifications[id] !== undefined);
  if (!charge.capture || named) return rejected('void_after_capture');
  return takeBack(charge, charge.captured, at, VOIDED);
}
