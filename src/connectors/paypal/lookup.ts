/** What became of an operation: read from its authorization or its order, where its id is known. */

import type { Outcome, ProviderCall } from '../../core/outcome.ts';
import type { LookUpResult, ProviderRequest, RefundRequest } from '../port.ts';
import { fromPayPal, type Money } from './amounts.ts';
import { rejected } from './answer.ts';
import { readCapture } from './capture.ts';
import type { Call, Result, Send } from './client.ts';
import { at, listAt, textAt } from './json.ts';
import { authorizationIn, capturesIn, readOrder, refundsIn } from './order.ts';
import { readReference } from './reference.ts';
import { readRefund } from './refund.ts';
import { readUnauthorized, readVoid } from './void.ts';

type Found = { kind: 'found'; json: unknown; call: ProviderCall };
type Unavailable = Extract<LookUpResult, { kind: 'unavailable' }>;

export async function lookUp(request: ProviderRequest, send: Send): Promise<LookUpResult> {
  const { providerReference } = request;
  if (providerReference == null) throw new Error('a look-up is made once PayPal has named the order');
  if (request.kind === 'void') return lookUpVoid(request, providerReference, send);
  const order = await findOrder(providerReference, send);
  if (order.kind === 'unavailable') return order;
  switch (request.kind) {
    case 'authorize':
    case 'complete':
      return told(readOrder(request, order.json), order.call);
    case 'capture': {
      const ours = withInvoice(capturesIn(order.json), request.operation);
      if (ours !== undefined) return told(readCapture(request, ours), order.call);
      return unlessOver(captureIsOver(order.json), order.call);
    }
    case 'refund': {
      const ours = withInvoice(refundsIn(order.json), request.operation);
      if (ours !== undefined) return told(readRefund(request, ours), order.call);
      return unlessOver(refundIsOver(request, order.json), order.call);
    }
    default:
      return request satisfies never;
  }
}

/** An order by its own id, or by way of its authorization. */
export async function findOrder(providerReference: string, send: Send): Promise<Found | Unavailable> {
  const { kind, id } = readReference(providerReference);
  if (kind === 'order') return get(orderCall(id), send);
  const authorization = await get(authorizationCall(id), send);
  if (authorization.kind === 'unavailable') return authorization;
  const order = textAt(authorization.json, 'supplementary_data', 'related_ids', 'order_id');
  if (order !== null) return get(orderCall(order), send);
  return { kind: 'unavailable', reason: 'the authorization names no order', call: authorization.call };
}

export function authorizationCall(id: string): Call {
  return {
    method: 'GET',
    path: `/v2/payments/authorizations/${encodeURIComponent(id)}`,
    route: '/v2/payments/authorizations/{id}',
    keyed: false,
  };
}

async function lookUpVoid(
  request: Extract<ProviderRequest, { kind: 'void' }>,
  providerReference: string,
  send: Send,
): Promise<LookUpResult> {
  const { kind, id } = readReference(providerReference);
  const found = await get(kind === 'order' ? orderCall(id) : authorizationCall(id), send);
  if (found.kind === 'unavailable') return found;
  const unauthorized = kind === 'order' ? readUnauthorized(request, found.json) : null;
  if (unauthorized !== null) return told(unauthorized, found.call);
  const authorization = kind === 'order' ? authorizationIn(found.json) : found.json;
  const status = textAt(authorization, 'status');
  if (status === 'VOIDED') return told(readVoid(request, authorization), found.call);
  if (status === 'CAPTURED')
    return told(rejected('PREVIOUSLY_CAPTURED', 'It was captured instead.'), found.call);
  if (status === 'DENIED') return told(rejected('CANNOT_BE_VOIDED', 'It was never authorised.'), found.call);
  return status === null
    ? { kind: 'unavailable', reason: 'unreadable_answer', call: found.call }
    : { kind: 'not_found', call: found.call };
}

/** Nothing can be captured any more, and none of what was is ours: its word for that, else null. */
function captureIsOver(order: unknown): string | null {
  const authorization = authorizationIn(order);
  const amount = at(authorization, 'amount');
  const currency = textAt(amount, 'currency_code') ?? '';
  const sum = capturesIn(order).reduce<number>(
    (all, one) => all + (fromPayPal(at(one, 'amount'), currency) ?? 0),
    0,
  );
  if (textAt(authorization, 'status') === 'VOIDED') return 'AUTHORIZATION_VOIDED';
  const whole = fromPayPal(amount as Money, currency);
  return whole !== null && sum >= whole ? 'AUTHORIZATION_ALREADY_CAPTURED' : null;
}

/** The refunds of others leave less of the capture than this one asks for. */
function refundIsOver({ captureReference, amount, currency }: RefundRequest, order: unknown): string | null {
  const capture = capturesIn(order).find((one) => textAt(one, 'id') === captureReference);
  const whole = fromPayPal(at(capture, 'amount'), currency);
  const others = refundsIn(order).filter((one) => captureOf(one) === captureReference && isGiven(one));
  const given = others.reduce<number>((all, one) => all + (fromPayPal(at(one, 'amount'), currency) ?? 0), 0);
  return whole !== null && whole - given < amount ? 'REFUND_AMOUNT_EXCEEDED' : null;
}

/** A refund names its capture by a link only. */
function captureOf(refund: unknown): string | undefined {
  const up = listAt(refund, 'links').find((link) => textAt(link, 'rel') === 'up');
  return textAt(up, 'href')?.split('/').at(-1);
}

function isGiven(refund: unknown): boolean {
  const status = textAt(refund, 'status');
  return status === 'COMPLETED' || status === 'PENDING';
}

function unlessOver(code: string | null, call: ProviderCall): LookUpResult {
  if (code === null) return { kind: 'not_found', call };
  return told(rejected(code, 'Others have used up what there was; this operation is not among them.'), call);
}

function withInvoice(payments: unknown[], operation: string): unknown {
  return payments.find((one) => textAt(one, 'invoice_id') === operation);
}

function orderCall(id: string): Call {
  return {
    method: 'GET',
    path: `/v2/checkout/orders/${encodeURIComponent(id)}`,
    route: '/v2/checkout/orders/{id}',
    keyed: false,
  };
}

async function get(call: Call, send: Send): Promise<Found | Unavailable> {
  const result = await send(call);
  const json = result.kind === 'answered' && result.status === 200 ? result.json : undefined;
  if (textAt(json, 'id') !== null) return { kind: 'found', json, call: result.call };
  return { kind: 'unavailable', reason: whyNot(result), call: result.call };
}

/** An order that PayPal does not show any more proves nothing: it keeps them for a while only. */
function whyNot(result: Result): string {
  if (result.kind === 'failed') return result.failure.reason;
  if (result.status === 429) return 'rate_limited';
  if (result.status >= 500) return 'server_error';
  return result.status === 200 ? 'unreadable_answer' : (result.call.raw_code ?? `http_${result.status}`);
}

function told(outcome: Outcome, call: ProviderCall): LookUpResult {
  return outcome.kind === 'unknown'
    ? { kind: 'unavailable', reason: outcome.reason, call }
    : { kind: 'found', outcome, call };
}
