/** One request to Stripe's API, read as far as every route needs it, and the two ways to answer it. */

import { hash } from 'node:crypto';
import type { Charge, Operation } from '../../books.ts';
import type { Job, Order, Question, Simulator, WireRequest } from '../../simulator.ts';
import type { Reply } from '../../view.ts';
import { type Params, parseForm } from './form.ts';
import { thingId } from './ids.ts';

export const STRIPE = 'stripe';

/** As Stripe says: at least 24 hours. */
const KEY_KEPT_MS = 24 * 3600_000;

export type StripeRequest = {
  sim: Simulator;
  /** Body and query together, as Stripe takes them. */
  params: Params;
  path: string;
  key: string | null;
  /** What stands for an operation whose id nobody told: the key, else an id of the request. */
  operation: string;
};

/** Null for a form that is too large. */
export function readRequest(sim: Simulator, request: WireRequest): StripeRequest | null {
  const { method, path, query, headers, body } = request;
  const params = parseForm(
    method === 'GET' ? query : new URLSearchParams([...query, ...new URLSearchParams(body)]),
  );
  if (params === null) return null;
  const given = headers['idempotency-key'];
  const key = typeof given === 'string' && method !== 'GET' ? given : null;
  const operation = key ?? thingId('req', sim.moment(STRIPE).id('ch'));
  return { sim, params, path, key, operation };
}

export function job(
  { path, params, key }: StripeRequest,
  order: Order,
  answer: (operation: Operation, charge: Charge | null) => Reply,
): Job {
  return {
    is: 'job',
    order,
    key: key === null ? null : { text: key, keptMs: KEY_KEPT_MS },
    fingerprint: hash('sha256', path + JSON.stringify(params), 'base64url').slice(0, 16),
    answer,
  };
}

/** `id` is of what is asked about. */
export function question(id: string, charge: Charge | null, answer: () => Reply): Question {
  return { is: 'question', id, reference: charge?.reference ?? null, charge, answer };
}

export function ok(body: object): Reply {
  return { status: 200, body };
}
