/** One request to PayPal's API, read as far as every route needs it. */

import { hash } from 'node:crypto';
import type { Charge, Operation } from '../../books.ts';
import type { Job, Order, Question, Simulator, WireRequest } from '../../simulator.ts';
import type { Reply } from '../../view.ts';

export const PAYPAL = 'paypal';

export const HOURS_MS = 3600_000;
/** How long PayPal knows a request id. */
export const KEPT_MS = { order: 6 * HOURS_MS, payment: 45 * 24 * HOURS_MS } as const;

export type Json = Readonly<Record<string, unknown>>;

export type PayPalRequest = {
  sim: Simulator;
  path: string;
  query: URLSearchParams;
  body: Json;
  /** `PayPal-Request-Id`. */
  requestId: string | null;
  /** What stands for an operation whose id nobody told: the request id, else one of its own. */
  operation: string;
  /** Whole answers are wanted, rather than an id and a status. */
  whole: boolean;
  /** Where PayPal is, as the caller knows it. */
  url: string;
};

/** Null for a body that is no JSON object. */
export function readRequest(sim: Simulator, request: WireRequest): PayPalRequest | null {
  const body = request.body === '' ? {} : parse(request.body);
  if (body === null) return null;
  const given = request.headers['paypal-request-id'];
  const requestId = typeof given === 'string' && given !== '' ? given : null;
  return {
    sim,
    path: request.path,
    query: request.query,
    body,
    requestId,
    operation: requestId ?? `request_${sim.moment(PAYPAL).id('rr')}`,
    whole: request.headers['prefer'] === 'return=representation',
    url: `http://${request.headers.host ?? 'localhost'}`,
  };
}

/** `keptMs`: null where the operation takes no request id. */
export function job(
  { path, body, requestId }: PayPalRequest,
  order: Order,
  keptMs: number | null,
  answer: (operation: Operation, charge: Charge | null) => Reply,
): Job {
  return {
    is: 'job',
    order,
    key: requestId === null || keptMs === null ? null : { text: requestId, keptMs },
    fingerprint: hash('sha256', path + JSON.stringify(body), 'base64url').slice(0, 16),
    answer,
  };
}

export function question(id: string, charge: Charge, answer: () => Reply): Question {
  return { is: 'question', id, reference: charge.reference, charge, answer };
}

/** An object at a path of names; an empty one where there is none. */
export function at(body: unknown, ...names: string[]): Json {
  const found = names.reduce(own, body);
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Json) : {};
}

export function has(body: Json, name: string): boolean {
  return body[name] !== undefined && body[name] !== null;
}

export function textOf(body: Json, name: string): string | null {
  const value = body[name];
  return typeof value === 'string' && value !== '' && value.length <= 2_048 ? value : null;
}

function own(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Json)[name]
    : undefined;
}

function parse(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
  } catch {
    return null;
  }
}
