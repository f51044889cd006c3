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
  /** `awaits`: what will tell. */
  | { kind: 'undecided'; awaits: string; result: Result }
  | { kind: 'unavailable'; reason: string; result: Result };

const PAGE = 100;
/** At first, when the key tells as well; and once there is time. */
const PAGES = { first: 3, patient: 10 };
const PATIENT_MS = 20_000;
/** Stripe: searchable within a minute, in an outage within an hour. */
const SEARCH_LAG_MS = 3600_000;
/** Our clock and Stripe's may differ by so much. */
const CLOCKS_MS = 60_000;

/** By the operation that authorised; by the attempt, where another operation asks for it. */
export async function findIntent(request: ProviderRequest, ask: Ask, nowMs: number): Promise<Found> {
  const name = request.kind === 'authorize' ? 'operation' : 'attempt';
  const wanted = request[name];
  const sentMs = mintedOf(wanted);
  const listed = await findInLists(
    windowsOf(sentMs, nowMs),
    (metadata) => toldIn(metadata, name) === wanted,
    ask,
    sentMs !== null && nowMs - sentMs > PATIENT_MS ? PAGES.patient : PAGES.first,
  );
  if (listed.kind !== 'truncated') return listed;
  const searched = await walk(intentSearch(name, wanted), () => true, ask, 1);
  if (searched.kind === 'found') return searched;
  const caughtUp = sentMs !== null && nowMs - sentMs > SEARCH_LAG_MS;
  // India's accounts have no search: there the webhook tells.
  if (searched.kind === 'not_found' && caughtUp) return searched;
  const awaits =
    'the search, which may be an hour behind, or the webhook; there are too many payments to list';
  return { kind: 'undecided', awaits, result: searched.result };
}

/** There is nothing only where all windows were walked to their end. */
async function findInLists(
  [window, ...others]: Windows,
  isMine: (metadata: unknown) => boolean,
  ask: Ask,
  pages: number,
): Promise<Walked> {
  const walked = await walk(intentList(window), isMine, ask, pages);
  const [next, ...rest] = others;
  if (next === undefined || walked.kind === 'found' || walked.kind === 'unavailable') return walked;
  const later = await findInLists([next, ...rest], isMine, ask, pages);
  return later.kind === 'not_found' ? walked : later;
}

/** First the minute in which a call is sent as a rule; then the time in which it may have been sent again. */
function windowsOf(sentMs: number | null, nowMs: number): Windows {
  if (sentMs === null) return [{}];
  const firstMs = sentMs + LIMITS.resolve.leaseMs + CLOCKS_MS;
  const lastMs = sentMs + LIMITS.payment.authorizeReplayMs + CLOCKS_MS;
  const first = seconds(sentMs - CLOCKS_MS, firstMs);
  return nowMs < firstMs - CLOCKS_MS ? [first] : [first, seconds(firstMs, lastMs)];
}

export async function findRefund(
  request: Extract<ProviderRequest, { kind: 'refund' }>,
  ask: Ask,
): Promise<Found> {
  const { providerReference, operation } = request;
  const mine = (metadata: unknown) => toldIn(metadata, 'operation') === operation;
  const listed = await walk(refundList(providerReference), mine, ask, PAGES.first);
  return listed.kind === 'truncated'
    ? { kind: 'unavailable', reason: 'the payment has too many refunds to list', result: listed.result }
    : listed;
}

type Walked = Found | { kind: 'truncated'; result: Result };

async function walk(
  page: (after: string | null) => Call,
  isMine: (metadata: unknown) => boolean,
  ask: Ask,
  pages: number,
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
    if (n === pages) return { kind: 'truncated', result };
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
type Windows = [Window, ...Window[]];

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
