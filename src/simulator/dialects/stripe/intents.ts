/** PaymentIntents: made, confirmed, changed. Capture and cancel are in `intent-actions.ts`. */

import type Stripe from 'stripe';
import { type Charge, FOLLOWS, type Operation, rejected } from '../../books.ts';
import { charge as chargeCard, complete } from '../../rules.ts';
import type { Context, Done, Job, Order, Said } from '../../simulator.ts';
import type { Behavior } from '../../tokens.ts';
import type { Reply } from '../../view.ts';
import { errorReply, missing, refusedReply } from './errors.ts';
import { flagOf, metadataOf, textOf, toldIn } from './form.ts';
import { thingId } from './ids.ts';
import {
  type Chosen,
  chosenMethod,
  futureUsage,
  isOffSession,
  isSaid,
  mergedMetadata,
  readIntent,
  returnUrlOf,
} from './intent-input.ts';
import { statusOf } from './intent-view.ts';
import { methodData } from './methods-api.ts';
import { job, ok, STRIPE, type StripeRequest } from './request.ts';
import { shownIntent } from './shown.ts';
import { chargeOf, find, type Intent, type IntentData, type Method, thing } from './things.ts';
import { methodView } from './views.ts';

export function createIntent(request: StripeRequest): Job | Said {
  const { sim, params } = request;
  const data = readIntent(sim, params);
  if (isSaid(data)) return data;
  const url = returnUrlOf(params);
  if (isSaid(url)) return url;
  const chosen = chosenMethod(sim, params, null);
  if (isSaid(chosen)) return chosen;
  const make = (id: string, at: number) => thing('payment_intent', id, at, data);
  return flagOf(params, 'confirm')
    ? confirming(request, make, data, chosen)
    : drafting(request, make, chosen);
}

export function confirmIntent(request: StripeRequest, id: string): Job | Said {
  const { sim, params } = request;
  const intent = find(sim.books, 'payment_intent', id);
  if (intent === undefined) return missing('payment_intent', id, 'intent');
  if (chargeOf(sim.books, intent)?.challenge === 'passed') {
    const charge = chargeOf(sim.books, intent) as Charge;
    if (charge.state === 'requires_action') return completing(request, intent, charge);
  }
  const url = returnUrlOf(params);
  if (isSaid(url)) return url;
  const chosen = chosenMethod(sim, params, intent.data.method);
  if (isSaid(chosen)) return chosen;
  const data = changed(intent.data, request);
  return confirming(request, () => ({ ...intent, data }), data, chosen, intent);
}

export function updateIntent(request: StripeRequest, id: string): Job | Said {
  const intent = find(request.sim.books, 'payment_intent', id);
  if (intent === undefined) return missing('payment_intent', id, 'intent');
  const chosen = chosenMethod(request.sim, request.params, null);
  if (isSaid(chosen)) return chosen;
  return drafting(request, () => ({ ...intent, data: changed(intent.data, request) }), chosen, intent);
}

function changed(before: IntentData, { params }: StripeRequest): IntentData {
  return {
    ...before,
    description: textOf(params, 'description') ?? before.description,
    metadata: mergedMetadata(before.metadata, params),
    returnUrl: textOf(params, 'return_url') ?? before.returnUrl,
    setupFutureUsage: futureUsage(params) ?? before.setupFutureUsage,
  };
}

type Make = (id: string, at: number) => Intent;

/** Nothing is charged: the payment is put down, with the method that it is to be paid with. */
function drafting(request: StripeRequest, make: Make, chosen: Chosen | null, known?: Intent): Job {
  const execute = ({ at }: Context): Done => {
    const draft = make(known?.id ?? thingId('pi', at.id('ch')), at.now);
    const method = chosen === null ? null : storedMethod(chosen, draft, at);
    const intent = { ...draft, data: { ...draft.data, method: method?.id ?? draft.data.method } };
    const things = method === null ? [intent] : [intent, method];
    return { charge: null, verdict: { ...FOLLOWS, status: 'approved', movement: intent.id }, things };
  };
  return intentJob(request, { ...orderOf(request, 'prepare', known?.data.metadata), execute });
}

function confirming(
  request: StripeRequest,
  make: Make,
  data: IntentData,
  chosen: Chosen | null,
  known?: Intent,
): Job | Said {
  const { params } = request;
  if (chosen === null) return noMethod(known);
  const execute = (context: Context): Done => {
    const status = statusNow(context, known);
    if (status !== 'requires_confirmation' && status !== 'requires_payment_method') {
      return { charge: null, verdict: { ...rejected('not_authorized'), movement: known?.id ?? null } };
    }
    return attempt(
      request,
      context,
      make(known?.id ?? thingId('pi', context.at.id('ch')), context.at.now),
      chosen,
    );
  };
  const metadata = { ...data.metadata, ...metadataOf(params) };
  const order = { ...orderOf(request, 'authorize', metadata), tokenFault: chosen.magic.fault };
  return intentJob(request, { ...order, execute });
}

/** As it stands when its turn comes: another request may have confirmed it meanwhile. */
function statusNow({ books }: Context, known: Intent | undefined): string {
  const intent = known && find(books, 'payment_intent', known.id);
  return intent === undefined ? 'requires_confirmation' : statusOf(intent, chargeOf(books, intent));
}

/** One attempt is one charge in the books. */
function attempt(request: StripeRequest, context: Context, draft: Intent, chosen: Chosen): Done {
  const { at, twist, delays } = context;
  const method = storedMethod(chosen, draft, at);
  const { data } = draft;
  const order = {
    reference: toldIn(data.metadata, 'reference') ?? draft.id,
    attempt: toldIn(data.metadata, 'attempt'),
    operation: operationOf(request, data.metadata),
    currency: data.currency,
    amount: data.amount,
    capture: data.captureMethod !== 'manual',
    returnUrl: data.returnUrl,
    dialect: STRIPE,
    wire: { intent: draft.id, method: method.id },
  };
  const charge = chargeCard(order, behaviorOf(request, chosen, data), twist, delays, at);
  const intent = { ...draft, data: { ...data, method: method.id, charge: charge.id } };
  return { charge, verdict: { ...FOLLOWS, movement: intent.id }, things: [intent, method] };
}

/** Without the customer a challenge cannot be answered, unless the card was set up for that. */
function behaviorOf({ sim, params }: StripeRequest, { known, magic }: Chosen, data: IntentData): Behavior {
  const { behavior, offSession } = magic;
  if (behavior.kind !== 'challenge') return behavior;
  const away = isOffSession(params);
  if (away && offSession === 'same') return { kind: 'approve' };
  if (away && offSession === 'set_up' && isSetUp(sim, known)) return { kind: 'approve' };
  if (away || flagOf(params, 'error_on_requires_action'))
    return { kind: 'decline', code: 'authentication_required' };
  return data.confirmationMethod === 'manual' ? { ...behavior, unattended: false } : behavior;
}

function isSetUp({ books }: StripeRequest['sim'], method: Method | null): boolean {
  const by = method?.data.setUpBy ? find(books, 'payment_intent', method.data.setUpBy) : undefined;
  return by !== undefined && chargeOf(books, by)?.challenge === 'passed';
}

function completing(request: StripeRequest, intent: Intent, charge: Charge): Job {
  const order = { ...orderOf(request, 'complete', {}), charge, reference: charge.reference };
  const execute = ({ twist, at }: Context): Done => {
    const verdict = complete(charge, twist, order.operation, at);
    return { charge, verdict: { ...verdict, movement: intent.id } };
  };
  return intentJob(request, { ...order, execute });
}

function storedMethod({ known, name, magic }: Chosen, { id, data }: Intent, at: Context['at']): Method {
  const method =
    known ?? thing('payment_method', thingId('pm', at.id('ch')), at.now, methodData(name, magic.type, null));
  if (data.setupFutureUsage === null) return method;
  const setUp = { setUpBy: method.data.setUpBy ?? id, customer: data.customer ?? method.data.customer };
  return { ...method, data: { ...method.data, ...setUp } };
}

export function operationOf({ operation }: StripeRequest, metadata: Record<string, string>): string {
  return toldIn(metadata, 'operation') ?? operation;
}

export function orderOf(request: StripeRequest, kind: Order['kind'], metadata: Record<string, string> = {}) {
  const operation = operationOf(request, metadata);
  return { kind, operation, charge: null, reference: toldIn(metadata, 'reference'), tokenFault: null };
}

/** `movement` of the operation names the payment. */
export function intentJob(request: StripeRequest, order: Order): Job {
  return job(request, order, (operation, charge) => intentReply(request, operation, charge));
}

function intentReply(request: StripeRequest, operation: Operation, charge: Charge | null): Reply {
  const { sim } = request;
  const intent = find(sim.books, 'payment_intent', operation.movement ?? '') as Intent;
  const last = charge ?? chargeOf(sim.books, intent);
  const view = shownIntent(request, intent, last);
  if (operation.status === 'approved') return ok(view);
  if (operation.status !== 'follows') return refusedReply(operation, { payment_intent: view });
  if (last?.state !== 'declined') return ok(view);
  const method = find(sim.books, 'payment_method', intent.data.method ?? '');
  const {
    type,
    message = '',
    ...error
  } = view.last_payment_error as NonNullable<typeof view.last_payment_error>;
  const shown =
    method === undefined ? {} : { payment_method: methodView(method, sim.settings) as Stripe.PaymentMethod };
  return errorReply(402, {
    ...error,
    ...shown,
    type: type === 'invalid_request_error' ? 'invalid_request_error' : 'card_error',
    message,
    payment_intent: view,
  });
}

function noMethod(intent: Intent | undefined): Said {
  const message = 'You cannot confirm this PaymentIntent because it is missing a payment method.';
  const code = 'payment_intent_unexpected_state';
  const about = intent === undefined ? {} : { param: 'payment_method' };
  return { is: 'said', reply: errorReply(400, { type: 'invalid_request_error', code, message, ...about }) };
}
