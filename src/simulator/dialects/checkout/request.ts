/** One request to Checkout.com's API, read as far as every route needs it. */

import { hash } from 'node:crypto';
import type { Charge, Operation } from '../../books.ts';
import type { Job, Order, Question, Simulator, WireRequest } from '../../simulator.ts';
import type { Reply } from '../../view.ts';
import { type Deviations, toBooks } from '../amounts.ts';

export const CHECKOUT = 'checkout';

const KEY_KEPT_MS = 24 * 3600_000;

/** Source: checkout.com/docs, "Format the amount value". */
export const DEVIATIONS: Deviations = new Map([['CLP', 2]]);

export type Json = { readonly [name: string]: unknown };

export type CheckoutRequest = {
  sim: Simulator;
  path: string;
  query: URLSearchParams;
  body: Json;
  key: string | null;
  /** What stands for an operation whose id nobody told: the key, else an id of the request. */
  operation: string;
};

/** Null for a body that is no JSON object. */
export function readRequest(sim: Simulator, request: WireRequest): CheckoutRequest | null {
  const { method, path, query, headers } = request;
  const body = method === 'POST' ? parse(request.body) : {};
  if (body === null) return null;
  const given = headers['cko-idempotency-key'];
  const key = typeof given === 'string' && given !== '' && method === 'POST' ? given : null;
  return { sim, path, query, body, key, operation: key ?? sim.moment(CHECKOUT).id('cap') };
}

export function job(
  { path, body, key }: CheckoutRequest,
  order: Order,
  answer: (operation: Operation, charge: Charge | null) => Reply,
): Job {
  return {
    is: 'job',
    order,
    key: key === null ? null : { text: key, keptMs: KEY_KEPT_MS },
    fingerprint: hash('sha256', path + JSON.stringify(body), 'base64url').slice(0, 16),
    answer,
  };
}

export function question(
  id: string,
  charge: Charge | null,
  reference: string | null,
  body: () => object,
): Question {
  return { is: 'question', id, charge, reference, answer: () => ({ status: 200, body: body() }) };
}

export function textOf(json: Json, name: string): string | null {
  const value = json[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

export function groupOf(json: Json, name: string): Json {
  const value = json[name];
  return isObject(value) ? value : {};
}

/** In the books' minor units; null for what is no amount of the currency. */
export function amountIn(value: unknown, currency: string): number | null {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0 || value > 999_999_999)
    return null;
  if (THREE_DECIMALS.has(currency) && value % 10 !== 0) return null;
  return toBooks(value, currency, DEVIATIONS);
}

const THREE_DECIMALS = new Set(['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND']);

function parse(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text === '' ? '{}' : text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
