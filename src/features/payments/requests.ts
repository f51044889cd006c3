/** The requests that move money: each becomes one command, submitted once for its key. */

import type { ErrorCode } from '../../core/errors.ts';
import { toUuid } from '../../core/ids.ts';
import type { Funds } from '../../core/payment/events.ts';
import { payloadOf } from '../../core/payment/payload.ts';
import { isUnresolved } from '../../core/payment/state.ts';
import { status } from '../../core/payment/summary.ts';
import type { Command, State } from '../../core/payment.ts';
import { type FlowDeps, iso, newId } from '../../flow/deps.ts';
import type { Answer } from '../../flow/item.ts';
import type { Loaded } from '../../flow/stream.ts';
import {
  type Ids,
  type KeysInProgress,
  type Refusal,
  type Submission,
  type Submitted,
  submit,
} from '../../flow/submit.ts';
import { LIMITS } from '../../ops/limits.ts';
import { planAttempt, planFirst, planIds, wishOf } from './plan.ts';
import { type Beside, nextAtFrom, presentPayment, presentRefund, presentToBrowser } from './present.ts';
import type {
  CaptureInput,
  ConfirmInput,
  CreateInput,
  MoneyRequest,
  RefundInput,
  Reply,
  VoidInput,
} from './types.ts';

export type RequestDeps = FlowDeps & {
  inProgress: KeysInProgress;
  /** Makes a problem document of a code; the HTTP layer's, so that stored answers are its very bytes. */
  problem: (code: ErrorCode, more?: object) => Answer;
  fundsOf: (merchant: string) => Promise<Funds>;
};

export async function create(deps: RequestDeps, request: MoneyRequest<CreateInput>): Promise<Reply> {
  const { input, principal } = request;
  const payment = newId(deps, 'payment');
  if (input.confirm && input.payment_method === null) return deps.problem('payment_method_missing');
  if (!input.confirm && payloadOf(input.payment_method, payment))
    return deps.problem('payment_method_unconfirmed');
  const planned = planFirst(deps, principal.mode, input);
  if (planned !== null && !planned.ok) return deps.problem(planned.code, planned.more);
  const plan = planned?.plan ?? null;
  const created = {
    payment,
    merchant: principal.merchant,
    mode: principal.mode,
    amount: input.amount,
    currency: input.currency,
    capture_method: input.capture_method,
    funds: await deps.fundsOf(principal.merchant),
    allow_partial_authorization: input.allow_partial_authorization,
    payment_method: plan?.payment_method ?? input.payment_method,
    reference: input.reference,
    ...(input.off_session && { off_session: true as const }),
    ...(input.provider_account !== null && { provider_account: input.provider_account }),
  };
  return run(deps, request, {
    payment,
    isNew: true,
    ids: { payment, ...planIds(plan) },
    command: () => ({ type: 'create', payment: created, confirm: plan }),
    secret: { index: 0, data: input.details },
    payload: plan && payloadOf(input.payment_method, plan.attempt),
    answer: (after) =>
      answerPayment(after, {
        mode: principal.mode,
        reference: input.reference,
        details: input.details,
        nextAt: soon(deps),
      }),
  });
}

export async function confirm(deps: RequestDeps, request: MoneyRequest<ConfirmInput>): Promise<Reply> {
  const { payment, payment_method, provider_account } = request.input;
  // Which account takes the money is not for a browser to say.
  if (provider_account !== null && request.principal.kind !== 'secret')
    return deps.problem('permission_denied');
  const ids: Ids = {
    payment,
    attempt: newId(deps, 'attempt'),
    operation: newId(deps, 'operation'),
    capture: newId(deps, 'capture'),
    cancel: newId(deps, 'operation'),
  };
  return onPayment(
    deps,
    request,
    ids,
    { secret: null, payload: payloadOf(payment_method, ids['attempt'] ?? '') },
    (before) => {
      const { state } = before.position;
      const method = payment_method ?? state.paymentMethod;
      const account = provider_account ?? state.providerAccount ?? null;
      const planned = method && planAttempt(deps, wishOf(state, before.mode, method, account), ids);
      if (planned && !planned.ok) return { refuse: planned.code, more: planned.more };
      const plan = planned ? planned.plan : null;
      return { type: 'confirm', plan, newMethod: payment_method !== null, cancel: ids['cancel'] ?? '' };
    },
    (after, beside) => {
      const answer = answerPayment(after, beside);
      return request.principal.kind === 'secret' ? answer : { ...answer, body: presentToBrowser(after) };
    },
  );
}

export function capture(deps: RequestDeps, request: MoneyRequest<CaptureInput>): Promise<Reply> {
  const { payment, amount, final } = request.input;
  const ids = { payment, capture: newId(deps, 'capture'), operation: newId(deps, 'operation') };
  const command: Command = { type: 'capture', capture: ids.capture, operation: ids.operation, amount, final };
  return onPayment(
    deps,
    request,
    ids,
    NOTHING_APART,
    () => command,
    (after, beside, made) => answerOperation(deps, after, beside, made, 'capture_refused'),
  );
}

export function voidPayment(deps: RequestDeps, request: MoneyRequest<VoidInput>): Promise<Reply> {
  const ids = { payment: request.input.payment, operation: newId(deps, 'operation') };
  const command: Command = { type: 'void', operation: ids.operation };
  return onPayment(
    deps,
    request,
    ids,
    NOTHING_APART,
    () => command,
    (after, beside, made) => answerOperation(deps, after, beside, made, 'void_refused'),
  );
}

export function refund(deps: RequestDeps, request: MoneyRequest<RefundInput>): Promise<Reply> {
  const { payment, amount, reason, metadata } = request.input;
  const ids = { payment, refund: newId(deps, 'refund'), operation: newId(deps, 'operation') };
  const command: Command = { type: 'refund', refund: ids.refund, operation: ids.operation, amount };
  const secret = { index: 0, data: { reason, metadata } };
  return onPayment(
    deps,
    request,
    ids,
    { secret, payload: null },
    () => command,
    (after, beside, made) => {
      const made_ = after.refunds.find((r) => r.id === made['refund']);
      if (!made_) throw new Error('the refund of this request is not in the payment');
      return {
        status: made_.status === 'pending' ? 202 : 200,
        body: presentRefund(after, made_, beside, { reason, metadata }),
      };
    },
  );
}

/** What of a request is kept beside its events. */
type Apart = Pick<Submission, 'secret' | 'payload'>;
const NOTHING_APART: Apart = { secret: null, payload: null };

type AnswerOf = (after: State, beside: Beside, ids: Ids) => Answer;

function onPayment<Input extends { payment: string }>(
  deps: RequestDeps,
  request: MoneyRequest<Input>,
  ids: Ids,
  apart: Apart,
  command: (before: Loaded) => Command | Refusal,
  answer: AnswerOf,
): Promise<Reply> {
  return run(deps, request, {
    payment: request.input.payment,
    isNew: false,
    ids,
    command: (before) => {
      if (!before) throw new Error('a command on a payment needs the payment');
      return command(before);
    },
    ...apart,
    answer: (after, made, loaded) => answer(after, besideLoaded(deps, loaded, request.principal.mode), made),
  });
}

type Part = Omit<
  Submission,
  'merchant' | 'mode' | 'key' | 'fingerprint' | 'correlation' | 'traceparent' | 'problem'
>;

async function run<Input>(deps: RequestDeps, request: MoneyRequest<Input>, part: Part): Promise<Reply> {
  const { principal, idempotencyKey: key, fingerprint, correlation, traceparent } = request;
  const { merchant, mode } = principal;
  const submission = {
    merchant,
    mode,
    key,
    fingerprint,
    correlation,
    traceparent,
    problem: deps.problem,
    ...part,
  };
  return replyOf(deps, await submit(deps, deps.inProgress, submission));
}

function replyOf(deps: RequestDeps, submitted: Submitted): Reply {
  switch (submitted.kind) {
    case 'answered':
      return submitted.answer;
    case 'replayed':
      return { status: submitted.status, body: submitted.body, replayed: true };
    case 'refused': {
      const problem = deps.problem(submitted.code, submitted.more);
      const { retryAfterSeconds } = submitted;
      return retryAfterSeconds === undefined ? problem : { ...problem, retryAfterSeconds };
    }
    default:
      return submitted satisfies never;
  }
}

function answerPayment(after: State, beside: Beside): Answer {
  return { status: status(after) === 'processing' ? 202 : 200, body: presentPayment(after, beside) };
}

/** 202 while unresolved; a refusal by the provider is an error of this request, though the payment stands. */
function answerOperation(
  deps: RequestDeps,
  after: State,
  beside: Beside,
  ids: Ids,
  refused: ErrorCode,
): Answer {
  const operation = after.operations.find((o) => o.id === ids['operation']);
  if (!operation) return answerPayment(after, beside);
  const body = presentPayment(after, beside);
  if (isUnresolved(operation)) return { status: 202, body };
  if (operation.status === 'approved') return { status: 200, body };
  if (operation.status === 'not_sent')
    return deps.problem('provider_not_reached', { payment: after.id, operation: operation.id });
  const failure = after.captures.find((c) => c.operation === operation.id)?.failure ?? null;
  return deps.problem(refused, {
    payment: after.id,
    operation: operation.id,
    reason: operation.status,
    raw_code: failure?.rawCode ?? null,
  });
}

function besideLoaded(deps: RequestDeps, loaded: Loaded | null, mode: 'test' | 'live'): Beside {
  const known = nextAtFrom(loaded?.timers ?? [], toUuid);
  const fallback = soon(deps);
  return {
    mode,
    reference: loaded?.reference ?? null,
    details: loaded?.details ?? null,
    nextAt: (id) => known(id) ?? fallback(id),
  };
}

/** What this very request left unresolved is asked about first after the shortest wait. */
function soon(deps: RequestDeps): (operation: string) => string {
  return () => iso(deps.world.now() + LIMITS.resolve.backoffMs[0]);
}
