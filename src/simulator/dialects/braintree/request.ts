/** One request to Braintree's gateway: JSON in, XML out, and no idempotency keys. */

import type { Charge, Operation } from '../../books.ts';
import { MAX_TEXT } from '../../input.ts';
import type { Job, Order, Question, Simulator, WireRequest } from '../../simulator.ts';
import type { Reply } from '../../view.ts';
import { BRAINTREE } from './wire.ts';
import { toXml, type XmlFields } from './xml.ts';

export type Json = { readonly [name: string]: unknown };

export type BraintreeRequest = {
  sim: Simulator;
  body: Json;
  /** The id in the path. */
  id: string;
  now: number;
};

/** Null for a body that is no JSON object; an empty one is an empty object. */
export function readRequest(sim: Simulator, { body }: WireRequest, id: string): BraintreeRequest | null {
  const json = body === '' ? {} : parse(body);
  const { now } = sim.moment(BRAINTREE);
  return isObject(json) ? { sim, body: json, id, now } : null;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function groupOf(json: Json, name: string): Json {
  const value = json[name];
  return isObject(value) ? value : {};
}

export function textOf(json: Json, name: string): string | null {
  const value = json[name];
  return typeof value === 'string' && /^[\x20-\x7e]+$/.test(value) && value.length <= MAX_TEXT ? value : null;
}

/**
 * The order id is the one field that a caller can name things in. Ours names the payment, and after a dot the
 * attempt or the operation; any other is a reference as a whole.
 */
export function namesIn(orderId: string | null): {
  reference: string;
  attempt: string | null;
  operation: string | null;
} {
  const [reference = '', detail = ''] = (orderId ?? '').split('.', 2);
  return {
    reference,
    attempt: detail.startsWith('att_') ? detail : null,
    operation: detail.startsWith('op_') ? detail : null,
  };
}

/** The caller's name for what it asks, or one of ours: an operation in the books needs one. */
export function operationOf({ sim }: BraintreeRequest, named: string | null): string {
  return named ?? `bt_${sim.moment(BRAINTREE).id('dp')}`;
}

/** No key, so every request is carried out. */
export function job(
  order: Omit<Order, 'tokenFault'>,
  answer: (operation: Operation, charge: Charge | null) => Reply,
): Job {
  return {
    is: 'job',
    order: { ...order, tokenFault: null },
    key: null,
    fingerprint: order.operation,
    answer,
  };
}

export function question(id: string, charge: Charge | null, answer: () => Reply): Question {
  return { is: 'question', id, reference: charge?.reference ?? null, charge, answer };
}

export function ok(status: 200 | 201, root: string, value: XmlFields): Reply {
  return { status, body: toXml(root, value) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
