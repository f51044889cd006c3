/** The requests of the provider's own dialect that move money: read from HTTP, carried out on the books. */

import { type Books, type Charge, FOLLOWS, type Kind, rejected, type Verdict } from './books.ts';
import { currency, flag, integer, isRefusal, optional, read, text, webAddress } from './input.ts';
import { type ProblemCode, type Refusal, refuse } from './problems.ts';
import * as rules from './rules.ts';
import type { Context, Done, Order } from './simulator.ts';
import { catchUp } from './time.ts';
import { CODES, findToken } from './tokens.ts';

type Action = { kind: Kind; operation: string; act(charge: Charge, context: Context): Verdict };

const MAX_AMOUNT = Number.MAX_SAFE_INTEGER - 1;
const amount = integer(1, MAX_AMOUNT);

/** `path` is without its leading `/v1/`. Null where there is no such route. */
export function readOrder(books: Books, path: string, body: unknown): Order | Refusal | null {
  if (path === 'charges') return readCharge(body);
  if (path === 'voids') return readVoidByAttempt(books, body);
  const [, id, verb] = /^charges\/([^/]+)\/([a-z]+)$/.exec(path) ?? [];
  const reader = verb === undefined ? undefined : ACTIONS.get(verb);
  if (id === undefined || reader === undefined) return null;
  const action = reader(body);
  if (isRefusal(action)) return action;
  const { kind, operation, act } = action;
  const charge = books.charges.get(id) ?? null;
  const execute = (context: Context) => onCharge(context, id, act);
  return { kind, operation, charge, reference: charge?.reference ?? null, tokenFault: null, execute };
}

const ACTIONS: ReadonlyMap<string, (body: unknown) => Action | Refusal> = new Map([
  ['complete', readComplete],
  ['capture', readCapture],
  ['void', readVoid],
  ['refund', readRefund],
]);

function readCharge(body: unknown): Order | Refusal {
  const input = read(body, {
    amount,
    currency,
    capture: flag,
    reference: text,
    attempt: text,
    operation: text,
    token: text,
    return_url: optional(webAddress, null),
  });
  if (isRefusal(input)) return input;
  const { token: name, return_url: returnUrl, ...order } = input;
  const token = findToken(name);
  return {
    kind: 'authorize',
    operation: input.operation,
    charge: null,
    reference: input.reference,
    tokenFault: token?.fault ?? null,
    execute({ books, twist, delays, at }) {
      if (books.cancelled.has(input.attempt)) return refused('attempt_cancelled');
      if (token === undefined) return refused('unknown_token');
      const challenge = token.behavior.kind === 'challenge';
      if (challenge && returnUrl === null) return refused('return_url_required');
      const made = { ...order, returnUrl: challenge ? returnUrl : null };
      return { charge: rules.charge(made, token.behavior, twist, delays, at), verdict: FOLLOWS };
    },
  };
}

/** An attempt that never arrived is remembered, so that it is refused when it arrives after all. */
function readVoidByAttempt(books: Books, body: unknown): Order | Refusal {
  const input = read(body, { operation: text, attempt: text, reference: optional(text, null) });
  if (isRefusal(input)) return input;
  const { operation, attempt } = input;
  const known = findAttempt(books, attempt) ?? null;
  const reference = known?.reference ?? input.reference;
  const execute = (context: Context) => {
    const charge = findAttempt(books, attempt);
    if (charge !== undefined) return onCharge(context, charge.id, releaseFor(operation));
    return { ...refused('not_found'), cancelled: attempt };
  };
  return { kind: 'void', operation, charge: known, reference, tokenFault: null, execute };
}

function readComplete(body: unknown): Action | Refusal {
  const input = read(body, { operation: text });
  if (isRefusal(input)) return input;
  const { operation } = input;
  return {
    kind: 'complete',
    operation,
    act: (charge, { twist, at }) => rules.complete(charge, twist, operation, at),
  };
}

function readCapture(body: unknown): Action | Refusal {
  const input = read(body, {
    operation: text,
    amount: integer(0, MAX_AMOUNT),
    final: optional(flag, true),
  });
  if (isRefusal(input)) return input;
  if (input.amount === 0 && !input.final) {
    return refuse('invalid_request', 'amount may be 0 only together with final: that releases the rest.');
  }
  const { operation } = input;
  return {
    kind: 'capture',
    operation,
    act: (charge, { twist, at }) =>
      unlessDeclined(twist, () => rules.capture(charge, input, twist.excess, operation, at)),
  };
}

function readVoid(body: unknown): Action | Refusal {
  const input = read(body, { operation: text });
  if (isRefusal(input)) return input;
  const { operation } = input;
  return { kind: 'void', operation, act: releaseFor(operation) };
}

function readRefund(body: unknown): Action | Refusal {
  const input = read(body, { operation: text, amount });
  if (isRefusal(input)) return input;
  const { operation } = input;
  return {
    kind: 'refund',
    operation,
    act: (charge, { twist, at }) =>
      unlessDeclined(twist, () =>
        rules.refund(charge, { amount: input.amount }, twist.excess, operation, at),
      ),
  };
}

function releaseFor(operation: string): Action['act'] {
  return (charge, { twist, at }) => unlessDeclined(twist, () => rules.release(charge, operation, at));
}

function onCharge(context: Context, id: string, act: Action['act']): Done {
  const charge = context.books.charges.get(id);
  if (charge === undefined) return refused('not_found');
  catchUp(charge, context.at);
  return { charge, verdict: act(charge, context) };
}

/** Where duplicate keys are ignored an attempt may have several charges: the first that still holds. */
function findAttempt(books: Books, attempt: string): Charge | undefined {
  const charges = books.byAttempt.get(attempt) ?? [];
  return charges.find((charge) => charge.state !== 'voided') ?? charges[0];
}

function unlessDeclined(twist: rules.Twist, act: () => Verdict): Verdict {
  return twist.declined ? { status: 'declined', code: CODES.do_not_honor, movement: null, amount: 0 } : act();
}

function refused(code: ProblemCode): Done {
  return { charge: null, verdict: rejected(code) };
}
