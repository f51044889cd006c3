/** Checkout.com's wire: JSON both ways, the secret key as Bearer, the idempotency key in a header. */

import type { ProviderCall } from '../../core/outcome.ts';
import { type HttpClient, type HttpFailure, jsonBody, readJson } from '../http.ts';
import { isObject, textOf } from '../json.ts';
import type { Trace } from '../port.ts';
import { keep } from '../record.ts';

/** A call with a body is a POST. `route`: the path with its ids left out, for people. */
export type Call = { path: string; route: string; body?: object };

export type Result =
  | { kind: 'answered'; status: number; date: string | null; json: unknown; call: ProviderCall }
  | { kind: 'failed'; failure: HttpFailure; call: ProviderCall };

export type Send = (call: Call) => Promise<Result>;

/** Tokens and what names a customer are left out. */
const ASKED = [
  'reference',
  'amount',
  'currency',
  'capture',
  'capture_type',
  'source.type',
  'payment_type',
  'merchant_initiated',
  '3ds.enabled',
  'metadata.payment',
  'metadata.attempt',
  'metadata.operation',
];
const ANSWERED = [
  'id',
  'action_id',
  'status',
  'reference',
  'amount',
  'currency',
  'approved',
  'response_code',
  'response_summary',
  'total_count',
  'request_id',
  'error_type',
  'error_codes.0',
];

export type Sending = { key: string; trace: Trace; timeoutMs: number };

export function sender(client: HttpClient, secretKey: string, sending: Sending): Send {
  return async ({ path, route, body }) => {
    const authorization = `Bearer ${secretKey}`;
    const encoded = body === undefined ? { headers: {} } : jsonBody(body);
    const key = body === undefined ? {} : { 'cko-idempotency-key': sending.key };
    const headers = { authorization, ...encoded.headers, ...key };
    const method = body === undefined ? 'GET' : 'POST';
    const result = await client.send({ method, path, route, ...sending, ...encoded, headers });
    const request = keep(body, ASKED);
    if (result.kind === 'failed') return { ...result, call: { ...result.call, request } };
    const json = readJson(result.text);
    const told = { raw_code: rawCodeOf(json), request, response: keep(json, ANSWERED) };
    const { status, headers: answered } = result;
    return {
      kind: 'answered',
      status,
      date: answered['date'] ?? null,
      json,
      call: { ...result.call, ...told },
    };
  };
}

export const PAYMENTS = '/payments';

export function ofPayment(id: string, what: '' | '/actions' | '/captures' | '/voids' | '/refunds'): Call {
  return { path: `${PAYMENTS}/${encodeURIComponent(id)}${what}`, route: `${PAYMENTS}/{id}${what}` };
}

/** The code of a refused request; null where Checkout.com itself does not speak. */
export function errorOf(json: unknown): string | null {
  const type = isObject(json) ? textOf(json, 'error_type') : null;
  if (!isObject(json) || type === null) return null;
  const [first] = Array.isArray(json['error_codes']) ? (json['error_codes'] as unknown[]) : [];
  return typeof first === 'string' ? first : type;
}

function rawCodeOf(json: unknown): string | null {
  if (!isObject(json)) return null;
  return errorOf(json) ?? textOf(json, 'response_code') ?? textOf(json, 'status');
}
