/** PayPal's wire: JSON both ways, a bearer token, the request id in a header. */

import type { ProviderCall } from '../../core/outcome.ts';
import { LIMITS } from '../../ops/limits.ts';
import type { World } from '../../ops/world.ts';
import { type HttpClient, type HttpFailure, jsonBody, readJson } from '../http.ts';
import type { Trace } from '../port.ts';
import { keep } from '../record.ts';
import { at, textAt } from './json.ts';
import { notBegun, type Tokens } from './token.ts';

export type Call = {
  method: 'GET' | 'POST';
  path: string;
  /** The path with its ids left out, for people. */
  route: string;
  body?: object;
  /** Whether PayPal takes a request id with it. */
  keyed: boolean;
};

/** `json` is undefined for a body that cannot be read. */
export type Result =
  | { kind: 'answered'; status: number; date: string | null; json: unknown; call: ProviderCall }
  | { kind: 'failed'; failure: HttpFailure; call: ProviderCall };

/** Sends one call of an operation; all calls of one operation share its deadline. */
export type Send = (call: Call) => Promise<Result>;

export type Sending = { key: string; trace: Trace; timeoutMs: number };

const ASKED = [
  'intent',
  'amount.currency_code',
  'amount.value',
  'final_capture',
  'invoice_id',
  'custom_id',
  'purchase_units.0.amount.currency_code',
  'purchase_units.0.amount.value',
  'purchase_units.0.invoice_id',
  'purchase_units.0.custom_id',
];
const PAYMENT = 'purchase_units.0.payments';
const ANSWERED = [
  'id',
  'status',
  'name',
  'debug_id',
  'details.0.issue',
  'amount.currency_code',
  'amount.value',
  'invoice_id',
  'expiration_time',
  ...['authorizations', 'captures'].flatMap((list) =>
    ['id', 'status', 'amount.currency_code', 'amount.value', 'processor_response.response_code'].map(
      (field) => `${PAYMENT}.${list}.0.${field}`,
    ),
  ),
];

/** What is kept free for the call itself when a token has to be had first. */
const LEAST_MS = 50;

export function createSender(client: HttpClient, tokens: Tokens, world: World) {
  return ({ key, trace, timeoutMs }: Sending): Send => {
    const begin = world.monotonic();
    const left = () => timeoutMs - (world.monotonic() - begin);
    return async (call) => {
      const token = await tokens.get(
        trace,
        Math.max(LEAST_MS, Math.min(left() / 2, LIMITS.provider.tokenTimeoutMs)),
      );
      if (!token.ok) return { kind: 'failed', failure: notBegun(token), call: { ...token.result.call, key } };
      const { headers = {}, ...encoded } = call.body === undefined ? {} : jsonBody(call.body);
      const { method, path, route } = call;
      const result = await client.send({
        ...{ method, path, route, key, trace },
        ...encoded,
        headers: { ...headers, ...headersOf(call, key), authorization: `Bearer ${token.value}` },
        timeoutMs: Math.max(LEAST_MS, left()),
      });
      const request = keep(call.body, ASKED);
      if (result.kind === 'failed') return { ...result, call: { ...result.call, request } };
      if (result.status === 401) tokens.drop(token.value);
      const json = result.text === '' ? null : readJson(result.text);
      return {
        kind: 'answered',
        status: result.status,
        date: result.headers['date'] ?? null,
        json,
        call: { ...result.call, request, response: keep(json, ANSWERED), raw_code: codeOf(json) },
      };
    };
  };
}

/** Without `return=representation` PayPal answers with an id and a status only. */
function headersOf({ method, keyed, body }: Call, key: string): Record<string, string> {
  if (method === 'GET') return {};
  return {
    prefer: 'return=representation',
    ...(keyed ? { 'paypal-request-id': key } : {}),
    ...(body === undefined ? { 'content-type': 'application/json' } : {}),
  };
}

function codeOf(json: unknown): string | null {
  const issue = textAt(json, 'details', 0, 'issue') ?? textAt(json, 'name');
  if (issue !== null) return issue;
  const payments = at(json, 'purchase_units', 0, 'payments');
  const processed = ['processor_response', 'response_code'] as const;
  return (
    textAt(payments, 'authorizations', 0, ...processed) ??
    textAt(payments, 'captures', 0, ...processed) ??
    textAt(json, 'status')
  );
}
