/**
 * Captures, voids and refunds: accepted with 202 and an action's id, told by webhook or by the payment's actions. In
 * the books they are done at once. What cannot be is refused with 422.
 */

import type { Charge, Operation, Verdict } from '../../books.ts';
import { refuse } from '../../problems.ts';
import * as rules from '../../rules.ts';
import type { Context, Job, Said } from '../../simulator.ts';
import { catchUp } from '../../time.ts';
import { CODES } from '../../tokens.ts';
import type { Reply } from '../../view.ts';
import { invalid, invalidReply, refuseInWords, said } from './errors.ts';
import { amountIn, CHECKOUT, type CheckoutRequest, groupOf, job, textOf } from './request.ts';
import { type Action, noteAction } from './wire.ts';

type Kind = 'capture' | 'void' | 'refund';
type Act = (charge: Charge, amount: number, operation: string, context: Context) => Verdict;

const TYPES = { capture: 'Capture', void: 'Void', refund: 'Refund' } as const;

export function capture(request: CheckoutRequest, id: string): Job | Said {
  const final = textOf(request.body, 'capture_type') !== 'NonFinal';
  return action(request, id, 'capture', (charge, amount, operation, { twist, at }) =>
    rules.capture(charge, { amount, final }, twist.excess, operation, at),
  );
}

export function voidPayment(request: CheckoutRequest, id: string): Job | Said {
  return action(request, id, 'void', (charge, _, operation, { at }) => rules.release(charge, operation, at));
}

export function refund(request: CheckoutRequest, id: string): Job | Said {
  return action(request, id, 'refund', (charge, amount, operation, { twist, at }) =>
    rules.refund(charge, { amount }, twist.excess, operation, at),
  );
}

function action(request: CheckoutRequest, id: string, kind: Kind, act: Act): Job | Said {
  const { sim, body } = request;
  const charge = sim.books.charges.get(id);
  if (charge?.dialect !== CHECKOUT) return said(refuseInWords(refuse('not_found')));
  const amount = kind === 'void' ? 0 : amountAsked(body['amount'], kind, charge);
  if (amount === null) return invalid('amount_invalid');
  const reference = textOf(body, 'reference');
  const operation = reference?.startsWith('op_') ? reference : request.operation;
  const asked: Action = { type: TYPES[kind], reference, metadata: groupOf(body, 'metadata') };
  const execute = (context: Context) => {
    catchUp(charge, context.at);
    const declined = () => decline(charge, kind, asked, amount, operation, context);
    const verdict = context.twist.declined ? declined() : act(charge, amount, operation, context);
    if (verdict.status === 'approved') noteAction(charge, verdict.movement ?? '', asked);
    return { charge, verdict };
  };
  return job(
    request,
    { kind, operation, charge, reference: charge.reference, tokenFault: null, execute },
    (done) => accepted(done, reference),
  );
}

/** Without an amount it is all that there is. */
function amountAsked(value: unknown, kind: Kind, charge: Charge): number | null {
  if (value !== undefined) return amountIn(value, charge.currency);
  return kind === 'capture' ? charge.authorized - charge.captured : rules.refundable(charge);
}

/** Accepted, and declined by the bank after that. */
function decline(
  charge: Charge,
  kind: Kind,
  asked: Action,
  amount: number,
  operation: string,
  { at }: Context,
): Verdict {
  const code = CODES.do_not_honor;
  const movement = at.id('cap');
  noteAction(charge, movement, { ...asked, refused: { amount, code, at: at.now } });
  rules.tell(charge, `${kind}.refused`, { amount, operation, movement, code }, at);
  return { status: 'declined', code, movement, amount: 0 };
}

function accepted({ status, code, movement }: Operation, reference: string | null): Reply {
  if (status === 'rejected' || status === 'already') return invalidReply(code);
  const body = { action_id: movement, ...(reference === null ? {} : { reference }) };
  return { status: 202, body };
}
