/**
 * Finds what an operation of ours made at Stripe, by the ids that it left in the metadata. Lists are up to date at
 * once, but cannot be asked for metadata: they are walked, over the time in which the operation can have been sent.
 * On an account with too many payments for that the search tells, which may lag an hour behind.
 */

import type Stripe from 'stripe';
import { idTimeMs, isId } from '../../core/ids.ts';
import { LIMITS } from '../../ops/limits.ts';
import type { ProviderRequest } from '../port.ts';
import type { Call, Result } from './client.ts';
import { isObject, textOf, toldIn, within } from './wire.ts';

/** One question after another, each with its own deadline. */
export type Ask = (call: Call) => Promise<Result>;

export type Found =
  | { kind: 'found'; object: unknown; result: Result }
  | { kind: 'not_found'; result: Result }
  | { kind: 'unavailable'; reason: string; result: Result };

const PAGE = 100;
const PAGES = 3;
/** Stripe: searchable within a minute, in an outage within an hour. */
const SEARCH_LAG_MS = 3600_000;
/** Our clock and Stripe's may differ by so much. */
const CLOCKS_MS = 120_000;

/** By the operation that authorised; by the attempt, where another operation asks for it. */
export async function findIntent(request: ProviderRequest, ask: Ask, nowMs: number): Promise<Found> {
  const name = request.kind === 'authorize' ? 'operation' : 'attempt';
  const wanted = request[name];
  const sentMs = mintedOf(wanted);
  const window =
    sentMs === null ? {} : seconds(sentMs - CLOCKS_MS, sentMs + LIMITS.payment.authorizeReplayMs + CLOCKS_MS);
  const listed = await walk(intentList(window), (metadata) => toldIn(metadata, name) === wanted, ask);
  if (listed.kind !== 'truncated') return listed;
  const searched = await walk(intentSearch(name, wanted), () => true, ask);
  if (searched.kind === 'found' || searched.kind === 'unavailable') return searched;
  const { result } = listed;
  return sentMs !== null && nowMs - sentMs > SEARCH_LAG_MS
    ? { kind: 'not_found', result }
    : {
        kind: 'unavailable',
        reason: 'too many payments to list, and the search may be an hour behind',
        result,
      };
}

export async function findRefund(
  request: Extract<ProviderRequest, { kind: 'refund' }>,
  ask: Ask,
): Promise<Found> {
  const { providerReference, operation } = request;
  const mine = (metadata: unknown) => toldIn(metadata, 'operation') === operation;
  const listed = await walk(refundList(providerReference), mine, ask);
  return listed.kind === 'truncated'
    ? { kind: 'unavailable', reason: 'the payment has too many refunds to list', result: listed.result }
    : listed;
}

type Walked = Found | { kind: 'truncated'; result: Result };

async function walk(
  page: (after: string | null) => Call,
  isMine: (metadata: unknown) => boolean,
  ask: Ask,
): Promise<Walked> {
  let after: string | null = null;
  for (let n = 1; ; n += 1) {
    const result: Result = await ask(page(after));
    const list = readList(result);
    if (typeof list === 'string') return { kind: 'unavailable', reason: list, result };
    const object = list.data.find((item) => isObject(item) && isMine(item['metadata']));
    if (object !== undefined) return { kind: 'found', object, result };
    after = textOf(within<{ id: string }>(list.data.at(-1)), 'id');
    if (!list.more || after === null) return { kind: 'not_found', result };
    if (n === PAGES) return { kind: 'truncated', result };
  }
}

type List = { data: readonly unknown[]; more: boolean };

/** A sentence where the list could not be had. */
export function readList(result: Result): List | string {
  if (result.kind === 'failed') return result.failure.reason;
  const { status, json } = result;
  if (status !== 200) return status === 429 ? 'rate_limited' : `http_${status}`;
  if (!isObject(json) || !Array.isArray(json['data']) || typeof json['has_more'] !== 'boolean')
    return 'unreadable_answer';
  return { data: json['data'], more: json['has_more'] };
}

type Window = { created?: Stripe.RangeQueryParam };

function intentList(window: Window) {
  return (after: string | null): Call => {
    const params = {
      limit: PAGE,
      ...window,
      ...(after !== null && { starting_after: after }),
    } satisfies Stripe.PaymentIntentListParams;
    return { method: 'GET', path: '/v1/payment_intents', route: '/v1/payment_intents', params };
  };
}

function intentSearch(name: string, wanted: string) {
  return (): Call => {
    const query = `metadata['${name}']:'${wanted.replaceAll(/['\\]/g, '')}'`;
    const params = { query } satisfies Stripe.PaymentIntentSearchParams;
    const route = '/v1/payment_intents/search';
    return { method: 'GET', path: route, route, params };
  };
}

function refundList(payment_intent: string) {
  return (after: string | null): Call => {
    const more = after === null ? {} : { starting_after: after };
    const params = { payment_intent, limit: PAGE, ...more } satisfies Stripe.RefundListParams;
    return { method: 'GET', path: '/v1/refunds', route: '/v1/refunds', params };
  };
}

/** Our ids carry the time they were made; null for what is no id of ours. */
function mintedOf(id: string): number | null {
  return isId('operation', id) || isId('attempt', id) ? idTimeMs(id) : null;
}

function seconds(fromMs: number, toMs: number): Window {
  return { created: { gte: Math.floor(fromMs / 1000), lte: Math.ceil(toMs / 1000) } };
}
