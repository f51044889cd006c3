/** Checkout.com's webhooks: the whole body is signed, without a time; events come in any order, and more than once. */

import { isCurrency } from '../../core/currencies.ts';
import { groupOf, isObject, type Json, textOf } from '../json.ts';
import type { Notice, Parsed, Webhooks } from '../port.ts';
import { verifyCheckout } from '../signatures/checkout.ts';
import { readJson } from '../signatures/json.ts';
import { fromCheckout } from './amounts.ts';
import { type Event, factsOf } from './facts.ts';
import { toldIn } from './reference.ts';

export const checkoutWebhooks: Webhooks = { verify: verifyCheckout, parse };

/** No money moves by these, or it is told by another one. */
const IGNORED: ReadonlySet<string> = new Set([
  'payment_pending',
  'payment_capture_pending',
  'payment_refund_pending',
  'payment_authentication_failed',
  'dispute_evidence_required',
  'dispute_evidence_submitted',
  'dispute_evidence_acknowledged_by_scheme',
]);

function parse(body: Buffer): Parsed {
  const json = readJson(body);
  const type = isObject(json) ? textOf(json, 'type') : null;
  if (!isObject(json) || type === null) return { kind: 'unreadable', why: 'type is missing' };
  const name = type.slice(0, 60);
  if (IGNORED.has(type) || !/^(payment|dispute)_/.test(type))
    return { kind: 'ignored', why: `${name} says nothing about money that no other event says` };
  const data = groupOf(json, 'data');
  const event = eventOf(type, data);
  if (event === null) return { kind: 'unreadable', why: `${name} lacks what it must have` };
  const facts = factsOf(event);
  if (facts === null) return { kind: 'unreadable', why: `${name} is not known here` };
  if (facts.length === 0) return { kind: 'ignored', why: `${name}: nobody here asked for it` };
  return { kind: 'notices', notices: facts.map((fact) => ({ ...about(event), fact })) };
}

function about({ told, payment, currency }: Event): Omit<Notice, 'fact'> {
  return { reference: told.payment, attempt: told.attempt, providerReference: payment, currency };
}

/** A dispute names its payment in fields of its own, and itself in `id`. */
function eventOf(type: string, data: Json): Event | null {
  const dispute = type.startsWith('dispute_');
  const payment = textOf(data, dispute ? 'payment_id' : 'id');
  const id = textOf(data, dispute ? 'id' : 'action_id') ?? payment;
  const currency = textOf(data, 'currency');
  if (payment === null || id === null || currency === null || !isCurrency(currency)) return null;
  const amount = fromCheckout(data['amount'], currency);
  if (amount === null) return null;
  const told = dispute ? { ...toldIn(data), ...DISPUTED } : toldIn(data);
  return {
    type,
    id,
    payment,
    currency,
    amount,
    told,
    responseCode: textOf(data, 'response_code') ?? type,
    at: textOf(data, 'processed_on'),
  };
}

/** The payment's own id finds it. */
const DISPUTED = { payment: null, attempt: null, operation: null };
