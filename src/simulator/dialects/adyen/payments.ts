/** `/payments` and `/payments/details`: a charge, and its end after a challenge. */

import { type Charge, FOLLOWS, type Operation } from '../../books.ts';
import { webAddress } from '../../input.ts';
import * as rules from '../../rules.ts';
import type { Thing } from '../../shelf.ts';
import type { Context, Done, Job, Said } from '../../simulator.ts';
import { catchUp } from '../../time.ts';
import type { Behavior } from '../../tokens.ts';
import type { Reply } from '../../view.ts';
import { paymentReply } from './answers.ts';
import { refusalAsked } from './codes.ts';
import { errorReply, invalid } from './errors.ts';
import { type Method, readMethod } from './methods.ts';
import { ADYEN, type AdyenRequest, amountOf, groupOf, type Json, job, textOf } from './request.ts';
import type { ChargeWire } from './wire.ts';

const MAX_REFERENCE = 80;

export function createPayment(request: AdyenRequest): Job | Said {
  const { body, sim } = request;
  const reference = textOf(body, 'reference');
  const amount = amountOf(body);
  if (amount === null) return invalid('137', 'Invalid amount specified');
  if (reference === null) return invalid('130', "Required field 'reference' is not provided.");
  if (reference.length > MAX_REFERENCE) return invalid('702', 'reference must have at most 80 characters.');
  const returnUrl = textOf(body, 'returnUrl');
  if (!webAddress.is(returnUrl)) return invalid('14_030', 'Return URL is missing.');
  const method = readMethod(request);
  if (method === null)
    return invalid('14_012', 'The provided payment details are not known to the simulator.');
  const { operation, ...named } = namesOf(request, reference);
  const order = {
    ...named,
    operation,
    currency: amount.currency,
    amount: amount.value,
    capture: method.captures || textOf(groupOf(body, 'additionalData'), 'manualCapture') !== 'true',
    returnUrl,
    dialect: ADYEN,
    wire: wireFor(request, method, reference),
  };
  const execute = (context: Context) => charged(request, method, order, context);
  const { fault: tokenFault } = method;
  return job(
    request,
    { kind: 'authorize', operation, charge: null, reference: named.reference, tokenFault, execute },
    (_, charge) => answer(charge, sim.url),
  );
}

function charged(request: AdyenRequest, method: Method, order: rules.ChargeOrder, context: Context): Done {
  const { twist, delays, at } = context;
  const charge = rules.charge(order, present(request, method), twist, delays, at);
  const stored = charge.state === 'open' ? storedWith(request, method, charge, context) : null;
  return { charge, verdict: FOLLOWS, ...(stored === null ? {} : { things: [stored] }) };
}

/** The end of a redirect, by what the customer's browser brought back. */
export function submitDetails(request: AdyenRequest): Job | Said {
  const { sim, body, operation } = request;
  const result = textOf(groupOf(body, 'details'), 'redirectResult');
  const charge = result === null ? undefined : sim.books.charges.get(chargeOfResult(result));
  if (charge?.dialect !== ADYEN || charge.challenge === null) {
    return invalid('14_0422', 'The redirectResult is not one of this account.');
  }
  const execute = (context: Context): Done => {
    catchUp(charge, context.at);
    return { charge, verdict: rules.complete(charge, context.twist, operation, context.at) };
  };
  return job(
    request,
    { kind: 'complete', operation, charge, reference: charge.reference, tokenFault: null, execute },
    (done: Operation) =>
      done.status === 'rejected'
        ? errorReply(422, '14_0422', 'validation', done.code)
        : answer(charge, sim.url),
  );
}

/** Where the customer goes after a challenge, with what `/payments/details` asks for. */
export function returnTo({ id, returnUrl }: Charge): string | null {
  if (returnUrl === null) return null;
  const url = new URL(returnUrl);
  url.searchParams.set('redirectResult', Buffer.from(`result:${id}`).toString('base64url'));
  return url.href;
}

function chargeOfResult(result: string): string {
  return Buffer.from(result, 'base64url')
    .toString()
    .replace(/^result:/, '');
}

/** Only a charge is ever answered for; null stands in the types of the other kinds of work. */
function answer(charge: Charge | null, url: string): Reply {
  if (charge === null) return errorReply(422, '702', 'validation', 'There is no such payment.');
  return paymentReply(charge, url);
}

/**
 * Whose it is in the books: our own callers tell payment and attempt in the reference (`pay_….att_…`) and the
 * operation in the metadata; anybody else's reference is the payment.
 */
function namesOf({ body, operation }: AdyenRequest, reference: string) {
  const [, payment, attempt] = /^(pay_\w+)\.(att_\w+)(?:\.\w+)?$/.exec(reference) ?? [];
  const told = textOf(groupOf(body, 'metadata'), 'operation');
  return { reference: payment ?? reference, attempt: attempt ?? null, operation: told ?? operation };
}

/** Nobody is there to answer a challenge: the bank refuses instead. */
function present({ body }: AdyenRequest, { behavior, type }: Method): Behavior {
  const stored = textOf(body, 'shopperInteraction') === 'ContAuth';
  const away = stored && textOf(body, 'recurringProcessingModel') !== 'CardOnFile';
  if (!away || behavior.kind !== 'challenge' || type === 'ideal') return behavior;
  return { kind: 'decline', code: refusalAsked('38') ?? '' };
}

function wireFor({ merchantAccount }: AdyenRequest, method: Method, reference: string): ChargeWire {
  return {
    merchantAccount,
    merchantReference: reference,
    method: method.type,
    modifications: {},
    refundsFail: method.refundsFail,
    stored: null,
  };
}

function asksToStore(body: Json): boolean {
  return body['storePaymentMethod'] === true && textOf(body, 'shopperReference') !== null;
}

/** Stored with the payment that it was first used for. */
function storedWith(
  { body, merchantAccount }: AdyenRequest,
  { type }: Method,
  charge: Charge,
  { at }: Context,
): Thing | null {
  const shopper = textOf(body, 'shopperReference');
  if (!asksToStore(body) || shopper === null) return null;
  const id = at.id('ch');
  charge.wire = { ...charge.wire, stored: { id, shopper } };
  return { dialect: ADYEN, type: 'stored', id, at: at.now, data: { shopper, merchantAccount, type } };
}
