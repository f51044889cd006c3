/** Orders: made, with or without a payment source, approved by the customer, and carried out. */

import { type Charge, FOLLOWS, type Operation } from '../../books.ts';
import { fresh } from '../../keeping.ts';
import { refuse } from '../../problems.ts';
import * as rules from '../../rules.ts';
import { complete } from '../../rules.ts';
import type { Context, Done, Job, Question, Said } from '../../simulator.ts';
import type { Behavior } from '../../tokens.ts';
import type { Reply } from '../../view.ts';
import { errorReply, refused, refuseInWords } from './errors.ts';
import { behaviorOfName, behaviorOfVault, refundFate } from './magic.ts';
import { readMoney } from './money.ts';
import { at, has, type Json, job, KEPT_MS, PAYPAL, type PayPalRequest, question, textOf } from './request.ts';
import { isCarriedOut, orderView, type Places } from './views.ts';
import { type OrderWire, wireOf } from './wire.ts';

/** What the payment source asks for. */
type Chosen = {
  source: string | null;
  behavior: Behavior | null;
  fault: Job['order']['tokenFault'];
  awaiting: OrderWire['awaiting'];
  vaultId: string | null;
  returnUrl: string | null;
};

export function createOrder(request: PayPalRequest): Job | Said {
  const { body, requestId, operation } = request;
  const intent = body['intent'];
  if (intent !== 'AUTHORIZE' && intent !== 'CAPTURE')
    return refused(400, 'INVALID_PARAMETER_VALUE', 'intent must be AUTHORIZE or CAPTURE.');
  const units = Array.isArray(body['purchase_units']) ? body['purchase_units'] : [];
  if (units.length !== 1)
    return refused(400, 'INVALID_PARAMETER_VALUE', 'The simulator takes exactly one purchase unit.');
  const unit = at(units[0]);
  const money = readMoney(unit['amount']);
  if (money === null)
    return refused(400, 'MISSING_REQUIRED_PARAMETER', 'amount needs currency_code and value.');
  if (typeof money === 'string') return refused(422, money, 'See the currency codes that PayPal supports.');
  if (has(body, 'payment_source') && requestId === null)
    return refused(
      400,
      'PAYPAL_REQUEST_ID_REQUIRED',
      'A PayPal-Request-Id is required with a payment source.',
    );
  const chosen = readSource(body);
  const names = readNames(unit);
  const order = {
    kind: 'authorize' as const,
    operation,
    charge: null,
    reference: names.reference,
    tokenFault: chosen.fault,
    execute: ({ twist, delays, at: moment }: Context): Done => {
      if (chosen.behavior === null) return { charge: null, verdict: rejectedAs('unknown_token') };
      const made = {
        ...money,
        dialect: PAYPAL,
        capture: intent === 'CAPTURE',
        reference: names.reference ?? 'unnamed',
        attempt: names.attempt,
        operation,
        returnUrl: chosen.returnUrl,
        wire: wireFor(intent, unit, chosen),
      };
      return { charge: rules.charge(made, chosen.behavior, twist, delays, moment), verdict: FOLLOWS };
    },
  };
  return job(request, order, KEPT_MS.order, (done, charge) => createdReply(request, done, charge));
}

export function getOrder(request: PayPalRequest, id: string): Question | Said {
  const charge = findOrder(request, id);
  if (charge === null) return { is: 'said', reply: refuseInWords(refuse('not_found')) };
  return question(id, charge, () => ({ status: 200, body: orderView(charge, placesOf(request)) }));
}

/** The customer has approved: now the money is reserved or taken. */
export function completeOrder(request: PayPalRequest, id: string, intent: OrderWire['intent']): Job | Said {
  const charge = findOrder(request, id);
  if (charge === null) return { is: 'said', reply: refuseInWords(refuse('not_found')) };
  const { operation } = request;
  if (wireOf(charge).intent !== intent)
    return refused(422, 'ACTION_DOES_NOT_MATCH_INTENT', 'The order was made with another intent.');
  const order = {
    kind: 'complete' as const,
    operation,
    charge,
    reference: charge.reference,
    tokenFault: null,
    execute({ twist, at: moment }: Context): Done {
      if (isCarriedOut(charge)) return { charge, verdict: rejectedAs(alreadyOf(intent)) };
      return { charge, verdict: complete(charge, twist, operation, moment) };
    },
  };
  return job(request, order, KEPT_MS.order, (done) => completedReply(request, done, charge));
}

export function placesOf({ sim, url }: PayPalRequest): Places {
  return { url, pages: sim.url };
}

export function findOrder({ sim }: PayPalRequest, id: string): Charge | null {
  const charge = fresh(sim, sim.books.charges.get(id));
  return charge?.dialect === PAYPAL ? charge : null;
}

function alreadyOf(intent: OrderWire['intent']): string {
  return intent === 'CAPTURE' ? 'ORDER_ALREADY_CAPTURED' : 'ORDER_ALREADY_AUTHORIZED';
}

export function rejectedAs(code: string) {
  return { status: 'rejected' as const, code, movement: null, amount: 0 };
}

function createdReply(request: PayPalRequest, { code }: Operation, charge: Charge | null): Reply {
  if (charge === null) return refuseInWords(refuse(code === 'unknown_token' ? code : 'invalid_request'));
  if (isWalletDeclined(charge)) return declined();
  const { id, status, links, ...rest } = orderView(charge, placesOf(request));
  return { status: 201, body: request.whole ? { id, status, ...rest, links } : { id, status, links } };
}

function completedReply(request: PayPalRequest, { status, code }: Operation, charge: Charge): Reply {
  if (status === 'rejected') return errorReply(422, code, 'The order was completed before.');
  if (charge.state === 'requires_action' || !isCarriedOut(charge)) {
    const issue = wireOf(charge).awaiting === 'CREATED' ? 'ORDER_NOT_APPROVED' : 'PAYER_ACTION_REQUIRED';
    return errorReply(422, issue, 'Payer has not yet approved the Order for payment.');
  }
  return isWalletDeclined(charge) ? declined() : { status: 201, body: orderView(charge, placesOf(request)) };
}

/** A wallet that cannot pay is an error; a card that is declined is an order with a record of it. */
function isWalletDeclined(charge: Charge): boolean {
  return charge.state === 'declined' && isCarriedOut(charge) && wireOf(charge).source !== 'card';
}

function declined(): Reply {
  return errorReply(422, 'INSTRUMENT_DECLINED', 'The instrument presented was either declined or unusable.');
}

/** Our own words where they are told: the payment and the attempt, divided by a full stop. */
function readNames(unit: Json): { reference: string | null; attempt: string | null } {
  const custom = textOf(unit, 'custom_id') ?? textOf(unit, 'invoice_id');
  const [reference = null, attempt = null] = custom?.split('.') ?? [];
  return { reference, attempt };
}

function wireFor(intent: OrderWire['intent'], unit: Json, chosen: Chosen): OrderWire {
  return {
    intent,
    awaiting: chosen.awaiting,
    source: chosen.source,
    referenceId: textOf(unit, 'reference_id') ?? 'default',
    customId: textOf(unit, 'custom_id'),
    invoiceId: textOf(unit, 'invoice_id'),
    pending: chosen.behavior?.kind === 'pending',
    refunds: chosen.vaultId === null ? null : refundFate(chosen.vaultId),
  };
}

/** Without a source, and with a wallet that is not on file, the customer approves on a page. */
function readSource(body: Json): Chosen {
  const sources = at(body, 'payment_source');
  const [source = null] = Object.keys(sources);
  const given = source === null ? {} : at(sources, source);
  const context = source === null ? at(body, 'application_context') : at(given, 'experience_context');
  const vaultId = textOf(given, source === 'token' ? 'id' : 'vault_id');
  const always = at(given, 'attributes', 'verification')['method'] === 'SCA_ALWAYS';
  const page: Behavior = { kind: 'challenge' };
  const found = vaultId === null ? null : behaviorOfVault(vaultId);
  const plain = source === 'card' ? behaviorOfName(textOf(given, 'name') ?? '') : page;
  return {
    source: source === 'token' ? 'paypal' : source,
    behavior: always ? page : found === null ? plain : (found?.behavior ?? null),
    fault: found?.fault ?? null,
    awaiting: source === null ? 'CREATED' : 'PAYER_ACTION_REQUIRED',
    vaultId,
    returnUrl: textOf(context, 'return_url'),
  };
}
