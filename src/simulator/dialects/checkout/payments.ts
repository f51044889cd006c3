/** `POST /payments`, and the ways to look at one. */

import { type Charge, FOLLOWS } from '../../books.ts';
import { webAddress } from '../../input.ts';
import { fresh } from '../../keeping.ts';
import { refuse } from '../../problems.ts';
import * as rules from '../../rules.ts';
import type { Context, Done, Job, Question, Said } from '../../simulator.ts';
import { type Behavior, CODES, findToken } from '../../tokens.ts';
import { refusalAsked } from './codes.ts';
import { invalid, invalidReply, refuseInWords, said } from './errors.ts';
import { amountIn, CHECKOUT, type CheckoutRequest, groupOf, job, question, textOf } from './request.ts';
import { actionsOf, createdReply, paymentView } from './views.ts';
import type { ChargeWire } from './wire.ts';

export function createPayment(request: CheckoutRequest): Job | Said {
  const { body, sim } = request;
  const currency = textOf(body, 'currency') ?? '';
  const amount = amountIn(body['amount'], currency);
  if (!/^[A-Z]{3}$/.test(currency)) return invalid('currency_invalid');
  if (amount === null) return invalid('amount_invalid');
  const source = groupOf(body, 'source');
  const token = textOf(source, 'token') ?? textOf(source, 'id') ?? '';
  const known = findToken(token);
  const refusal = refusalAsked(token);
  if (known === undefined && refusal === null) return invalid('token_invalid');
  const plain: Behavior = known?.behavior ?? { kind: 'decline', code: refusal ?? '' };
  const order = orderOf(request, { currency, amount });
  const execute = ({ twist, delays, at }: Context): Done => ({
    charge: rules.charge(order, present(request, plain), twist, delays, at),
    verdict: FOLLOWS,
  });
  const { operation, reference } = order;
  const tokenFault = known?.fault ?? null;
  return job(
    request,
    { kind: 'authorize', operation, charge: null, reference, tokenFault, execute },
    (_, charge) => (charge === null ? invalidReply('payment_invalid') : createdReply(charge, sim.url)),
  );
}

/** Whose it is in the books: our own callers tell attempt and operation in the metadata. */
function orderOf(
  { body, operation }: CheckoutRequest,
  { currency, amount }: { currency: string; amount: number },
) {
  const metadata = groupOf(body, 'metadata');
  const reference = textOf(body, 'reference');
  const returnUrl = body['success_url'];
  const wire: ChargeWire = { reference, metadata, actions: {} };
  return {
    reference: reference ?? operation,
    attempt: textOf(metadata, 'attempt'),
    operation: textOf(metadata, 'operation') ?? operation,
    currency,
    amount,
    capture: body['capture'] !== false,
    returnUrl: webAddress.is(returnUrl) ? returnUrl : null,
    dialect: CHECKOUT,
    wire,
  };
}

/** A payment goes on by itself after its challenge. Where 3DS is not enabled the bank refuses, and says why. */
function present({ body }: CheckoutRequest, behavior: Behavior): Behavior {
  if (behavior.kind !== 'challenge') return behavior;
  if (groupOf(body, '3ds')['enabled'] === true) return { ...behavior, unattended: true };
  return { kind: 'decline', code: CODES.authentication_required };
}

export function listPayments({ sim, query }: CheckoutRequest): Question | Said {
  const reference = query.get('reference') ?? '';
  if (reference === '') return invalid('reference_required');
  const all = (sim.books.byReference.get(reference) ?? []).filter(({ dialect }) => dialect === CHECKOUT);
  const [skip, limit] = [Number(query.get('skip') ?? 0), Number(query.get('limit') ?? 10)];
  return question(reference, all[0] ?? null, reference, () => ({
    limit,
    skip,
    total_count: all.length,
    data: all.map((charge) => paymentView(fresh(sim, charge) ?? charge, sim.url)).slice(skip, skip + limit),
  }));
}

export function getPayment(request: CheckoutRequest, id: string): Question | Said {
  return about(request, id, (charge) => paymentView(charge, request.sim.url));
}

export function getActions(request: CheckoutRequest, id: string): Question | Said {
  return about(request, id, actionsOf);
}

function about({ sim }: CheckoutRequest, id: string, view: (charge: Charge) => object): Question | Said {
  const charge = fresh(sim, sim.books.charges.get(id));
  if (charge?.dialect !== CHECKOUT) return said(refuseInWords(refuse('not_found')));
  return question(id, charge, charge.reference, () => view(charge));
}
