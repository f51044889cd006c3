/** What somebody does at the provider without asking us: by hand, in its dashboard. */

import type { Charge, Verdict } from './books.ts';
import { approveLate, moveDispute, openDispute, returnRefund, reverse } from './corrections.ts';
import { currency, flag, integer, isRefusal, optional, read, text } from './input.ts';
import { fresh, isFull, record } from './keeping.ts';
import { isProblemCode, type Refusal, refuse } from './problems.ts';

import { capture, charge as chargeCard, expire, type Moment, refund, release } from './rules.ts';
import type { Simulator } from './simulator.ts';
import { bookView, problem, type Reply } from './view.ts';

type Act = (charge: Charge, at: Moment, sim: Simulator) => Verdict | Refusal;
type Reader = (body: unknown) => Act | Refusal;

const amount = integer(1, Number.MAX_SAFE_INTEGER - 1);

const ACTIONS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['approve', () => approveLate],
  ['capture', withAmount((made, ask, at) => capture(made, { amount: ask, final: false }, 0, null, at))],
  ['void', () => voidByHand],
  ['expire', () => (made, at) => (expire(made, at) ? done(made) : refuse('nothing_to_expire'))],
  ['refund', withAmount((made, ask, at) => refund(made, { amount: ask }, 0, null, at))],
  ['return', readReturn],
  ['reverse', readReverse],
  ['dispute', readDispute],
  ['escalate', readDisputeMove('open')],
  ['win', readDisputeMove('won')],
  ['lose', readDisputeMove('lost')],
]);

/** What has been captured cannot be voided, but where the capture follows the approval by a while. */
function voidByHand(charge: Charge, at: Moment, sim: Simulator): Verdict {
  const { voidSale } = sim.dialects.get(charge.dialect ?? '') ?? {};
  return charge.captured > 0 && voidSale ? voidSale(charge, at) : release(charge, null, at);
}

/** Null where there is no such route. */
export function handleDashboard(sim: Simulator, path: string, body: unknown): Reply | null {
  if (path === '/charges') return createCharge(sim, body);
  const [, id, action] = /^\/charges\/([^/]+)\/([a-z]+)$/.exec(path) ?? [];
  const reader = action === undefined ? undefined : ACTIONS.get(action);
  if (id === undefined || reader === undefined) return null;
  const charge = fresh(sim, sim.books.charges.get(id));
  if (charge === null) return problem(refuse('not_found'));
  const act = reader(body);
  if (isRefusal(act)) return problem(act);
  const verdict = act(charge, sim.moment(charge.dialect), sim);
  if (isProblemCode(verdict.code)) return problem(refuse(verdict.code));
  record(sim, { charge });
  return { status: 200, body: bookView(charge) };
}

/** A charge that nobody asked for: it has no operation, and usually a reference that nobody knows. */
function createCharge(sim: Simulator, body: unknown): Reply {
  const input = read(body, {
    amount,
    currency,
    capture: { ...flag, fallback: true },
    reference: text,
    attempt: optional(text, null),
    dialect: optional(text, null),
  });
  if (isRefusal(input)) return problem(input);
  const { dialect: name, ...rest } = input;
  if (name !== null && !sim.dialects.has(name)) {
    return problem(
      refuse('invalid_request', `dialect must be one of ${[...sim.dialects.keys()].join(', ')}.`),
    );
  }
  const spoken = name === null ? {} : { dialect: name };
  if (isFull(sim)) return problem(refuse('books_full'));
  const order = { ...rest, ...spoken, operation: null, returnUrl: null };
  const twist = { declined: false, excess: 0 };
  const delays = { pendingMs: 0, challengeMs: 0 };
  const charge = chargeCard(order, { kind: 'approve' }, twist, delays, sim.moment(name ?? undefined));
  record(sim, { charge });
  return { status: 201, body: bookView(charge) };
}

function withAmount(act: (charge: Charge, amount: number, at: Moment) => Verdict): Reader {
  return (body) => {
    const input = read(body, { amount });
    return isRefusal(input) ? input : (charge, at) => act(charge, input.amount, at);
  };
}

function readReturn(body: unknown): Act | Refusal {
  const input = read(body, { refund: text });
  return isRefusal(input) ? input : (charge, at) => returnRefund(charge, input.refund, at);
}

function readReverse(body: unknown): Act | Refusal {
  const input = read(body, { amount, code: optional(text, null) });
  return isRefusal(input)
    ? input
    : (charge, at) => reverse(charge, input.amount, at, input.code ?? undefined);
}

function readDispute(body: unknown): Act | Refusal {
  const input = read(body, {
    amount,
    reason: { ...text, fallback: 'fraudulent' },
    inquiry: { ...flag, fallback: false },
  });
  return isRefusal(input) ? input : (charge, at) => openDispute(charge, input, at);
}

function readDisputeMove(to: 'open' | 'won' | 'lost'): Reader {
  return (body) => {
    const input = read(body, { dispute: text });
    return isRefusal(input) ? input : (charge, at) => moveDispute(charge, input.dispute, to, at);
  };
}

function done(charge: Charge): Verdict {
  return { status: 'approved', code: '00', movement: null, amount: charge.voided };
}
