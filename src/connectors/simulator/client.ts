/** The simulator's wire: JSON both ways, its own code in every answer, the key in a header. */

import type { ProviderCall } from '../../core/outcome.ts';
import { type HttpClient, type HttpFailure, jsonBody, readJson } from '../http.ts';
import type { Trace } from '../port.ts';
import { keep } from '../record.ts';

export type Request = {
  method: 'GET' | 'POST';
  path: string;
  route: string;
  body?: object;
  key: string;
  trace: Trace;
  timeoutMs: number;
};

/** `json` is undefined for a body that cannot be read. */
export type Result =
  | { kind: 'answered'; status: number; date: string | null; json: unknown; call: ProviderCall }
  | { kind: 'failed'; failure: HttpFailure; call: ProviderCall };

const ASKED = ['amount', 'currency', 'capture', 'final'];
const ANSWERED = ['status', 'code', 'charge', 'movement', 'amount', 'amount_captured'];

export async function callSimulator(client: HttpClient, { body, ...request }: Request): Promise<Result> {
  const { headers = {}, ...encoded } = body === undefined ? {} : jsonBody(body);
  const keyed = body === undefined ? headers : { ...headers, 'idempotency-key': request.key };
  const result = await client.send({ ...request, ...encoded, headers: keyed });
  const asked = keep(body, ASKED);
  if (result.kind === 'failed') return { ...result, call: { ...result.call, request: asked } };
  const json = readJson(result.text);
  const { status, headers: answered } = result;
  const call = { ...result.call, raw_code: codeOf(json), request: asked, response: keep(json, ANSWERED) };
  return { kind: 'answered', status, date: answered['date'] ?? null, json, call };
}

function codeOf(json: unknown): string | null {
  if (typeof json !== 'object' || json === null || !('code' in json)) return null;
  return typeof json.code === 'string' ? json.code : null;
}
