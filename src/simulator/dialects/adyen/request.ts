/** One request to Adyen's Checkout API, read as far as every route needs it. */

import { hash } from 'node:crypto';
import type { Charge, Operation } from '../../books.ts';
import type { Job, Order, Simulator, WireRequest } from '../../simulator.ts';
import type { Reply } from '../../view.ts';
import { type Deviations, toBooks } from '../amounts.ts';

export const ADYEN = 'adyen';

/** As Adyen says: at least seven days. */
const KEY_KEPT_MS = 7 * 24 * 3600_000;
export const KEY_LENGTH = 64;

/** Source: Adyen's page "Currency codes" and its Magento plugin (`Helper/Data.php`). */
export const DEVIATIONS: Deviations = new Map([
  ['CLP', 2],
  ['CVE', 0],
  ['IDR', 0],
  ['ISK', 2],
]);

/** Whatever came; each field is checked where it is read. */
export type Json = { readonly [name: string]: unknown };

export type AdyenRequest = {
  sim: Simulator;
  path: string;
  query: URLSearchParams;
  body: Json;
  key: string | null;
  /** What stands for an operation whose id nobody told: the key, else an id of the request. */
  operation: string;
  merchantAccount: string;
};

/** Null for a body that is no JSON object. */
export function readRequest(sim: Simulator, request: WireRequest): AdyenRequest | null {
  const { method, path, query, headers } = request;
  const body = method === 'POST' ? parse(request.body) : {};
  if (body === null) return null;
  const given = headers['idempotency-key'];
  const key = typeof given === 'string' && given !== '' && method === 'POST' ? given : null;
  const operation = key ?? sim.moment(ADYEN).id('ch');
  const merchantAccount = textOf(body, 'merchantAccount') ?? query.get('merchantAccount') ?? '';
  return { sim, path, query, body, key, operation, merchantAccount };
}

export function job(
  { path, body, key }: AdyenRequest,
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

export function textOf(json: Json, name: string): string | null {
  const value = json[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

export function groupOf(json: Json, name: string): Json {
  const value = json[name];
  return isObject(value) ? value : {};
}

export type Amount = { currency: string; value: number };

/** In the books' minor units; null for what is no amount. */
export function amountOf(body: Json): Amount | null {
  const { currency, value } = groupOf(body, 'amount');
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) return null;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0) return null;
  const booked = toBooks(value, currency, DEVIATIONS);
  return booked === null ? null : { currency, value: booked };
}

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
