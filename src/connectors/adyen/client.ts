/** Adyen's wire: JSON both ways, the key in a header, errors as `ServiceError`. */

import type { ProviderCall } from '../../core/outcome.ts';
import { type HttpClient, type HttpFailure, jsonBody, readJson } from '../http.ts';
import { isObject, textOf } from '../json.ts';
import type { Trace } from '../port.ts';
import { keep } from '../record.ts';

export type Call = { path: string; route: string; body: object };

export type Account = { client: HttpClient; apiKey: string; merchantAccount: string };

/** `json` is undefined for a body that cannot be read. */
export type Result =
  | { kind: 'answered'; status: number; date: string | null; json: unknown; call: ProviderCall }
  | { kind: 'failed'; failure: HttpFailure; call: ProviderCall };

/** Tokens, names and what a browser brought back are left out. */
const ASKED = [
  'merchantAccount',
  'reference',
  'paymentReference',
  'amount.value',
  'amount.currency',
  'paymentMethod.type',
  'captureDelayHours',
  'shopperInteraction',
  'recurringProcessingModel',
];
const ANSWERED = [
  'resultCode',
  'status',
  'pspReference',
  'paymentPspReference',
  'merchantReference',
  'amount.value',
  'amount.currency',
  'refusalReason',
  'refusalReasonCode',
  'action.type',
  'errorCode',
  'errorType',
  'message',
];

export async function callAdyen(
  { client, apiKey, merchantAccount }: Account,
  call: Call,
  { key, trace, timeoutMs }: { key: string; trace: Trace; timeoutMs: number },
): Promise<Result> {
  const { path, route } = call;
  const sent = path === '/payments/details' ? call.body : { merchantAccount, ...call.body };
  const { headers, body } = jsonBody(sent);
  const all = { ...headers, 'x-api-key': apiKey, 'idempotency-key': key };
  const result = await client.send({
    method: 'POST',
    path,
    route,
    headers: all,
    body,
    key,
    trace,
    timeoutMs,
  });
  const asked = keep(sent, ASKED);
  if (result.kind === 'failed') return { ...result, call: { ...result.call, request: asked } };
  const json = readJson(result.text);
  const told = { raw_code: rawCodeOf(json), request: asked, response: keep(json, ANSWERED) };
  const { status, headers: answered } = result;
  return {
    kind: 'answered',
    status,
    date: answered['date'] ?? null,
    json,
    call: { ...result.call, ...told },
  };
}

export function ofPayment(
  pspReference: string,
  what: 'captures' | 'cancels' | 'refunds',
  body: object,
): Call {
  const path = `/payments/${encodeURIComponent(pspReference)}/${what}`;
  return { path, route: `/payments/{pspReference}/${what}`, body };
}

function rawCodeOf(json: unknown): string | null {
  if (!isObject(json)) return null;
  const codes = ['errorCode', 'refusalReasonCode', 'resultCode', 'status'].map((name) => textOf(json, name));
  return codes.find((code) => code !== null) ?? null;
}
