/** Stripe's wire: forms one way, JSON the other, the key and the version of the interface in headers. */

import type { ProviderCall } from '../../core/outcome.ts';
import { formBody, type HttpClient, type HttpFailure, readJson } from '../http.ts';
import type { Trace } from '../port.ts';
import { keep } from '../record.ts';
import { flatten } from './form.ts';
import { isObject } from './wire.ts';

/** One call of the interface, as data. */
export type Call = {
  method: 'GET' | 'POST';
  path: string;
  /** The path with its ids left out, for people: `/v1/payment_intents/{id}/capture`. */
  route: string;
  /** Checked against the SDK's types where it is made. */
  params: object;
};

/** `key`: for a POST the idempotency key; else only what the call is known by. */
export type Sending = { key: string; trace: Trace; timeoutMs: number };

/** `json` is undefined for a body that cannot be read. `repeated`: Stripe's stored answer to the key's first request. */
export type Result =
  | {
      kind: 'answered';
      status: number;
      json: unknown;
      date: string | null;
      repeated: boolean;
      call: ProviderCall;
    }
  | { kind: 'failed'; failure: HttpFailure; call: ProviderCall };

export type Send = (call: Call, sending: Sending) => Promise<Result>;

const ASKED = [
  'amount',
  'currency',
  'capture_method',
  'confirm',
  'off_session',
  'allowed_payment_method_types.0',
  'amount_to_capture',
  'final_capture',
  'payment_intent',
  'metadata.reference',
  'metadata.attempt',
  'metadata.operation',
];
const ANSWERED = [
  'request_id',
  'id',
  'object',
  'status',
  'amount',
  'currency',
  'amount_capturable',
  'amount_received',
  'canceled_at',
  'cancellation_reason',
  'failure_reason',
  'latest_charge.id',
  'next_action.type',
  'last_payment_error.code',
  'last_payment_error.decline_code',
  'error.type',
  'error.code',
  'error.decline_code',
  'error.advice_code',
  'error.network_decline_code',
  'error.param',
  'error.payment_intent.id',
  'error.payment_intent.status',
];

export function stripeSender(client: HttpClient, secretKey: string, version: string): Send {
  const standing = { authorization: `Bearer ${secretKey}`, 'stripe-version': version };
  return async ({ method, path, route, params }, { key, trace, timeoutMs }) => {
    const fields = flatten(params);
    const query = method === 'GET' && Object.keys(fields).length > 0 ? `?${new URLSearchParams(fields)}` : '';
    const encoded = method === 'POST' ? formBody(fields) : { headers: {} };
    const headers = { ...standing, ...encoded.headers, ...(method === 'POST' && { 'idempotency-key': key }) };
    const asked = { method, path: path + query, route, key, trace, timeoutMs };
    const result = await client.send({ ...asked, ...encoded, headers });
    const request = keep(params, ASKED);
    if (result.kind === 'failed') return { ...result, call: { ...result.call, request } };
    const json = readJson(result.text);
    const { status, headers: told } = result;
    const shown = isObject(json) ? { request_id: told['request-id'], ...json } : json;
    const call = { ...result.call, raw_code: rawCodeOf(json), request, response: keep(shown, ANSWERED) };
    const repeated = told['idempotent-replayed'] === 'true';
    return { kind: 'answered', status, json, date: told['date'] ?? null, repeated, call };
  };
}

/** The issuer's word before Stripe's own. */
export function rawCodeOf(json: unknown): string | null {
  const error = isObject(json) ? json['error'] : null;
  if (!isObject(error)) return null;
  const found = [error['decline_code'], error['code'], error['type']].find(
    (code) => typeof code === 'string',
  );
  return typeof found === 'string' ? found : null;
}
