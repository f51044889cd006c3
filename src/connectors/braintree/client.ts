/**
 * Braintree's wire: JSON out, XML back, keys as a Basic login. Nothing is ever sent again: the gateway has no
 * idempotency keys, so `key` is only what the call is known by in our own record.
 */

import type { ProviderCall } from '../../core/outcome.ts';
import { type HttpClient, type HttpFailure, jsonBody } from '../http.ts';
import type { Trace } from '../port.ts';
import { keep } from '../record.ts';
import { codesIn } from './errors.ts';
import { readXml, type Xml } from './xml.ts';

/** What the SDK of this release asks for (`config.apiVersion`). */
export const API_VERSION = '6';

export type Access = { merchantId: string; publicKey: string; privateKey: string };

export type Call = {
  method: 'GET' | 'POST' | 'PUT';
  /** Below the merchant's address: `/transactions/{id}/void`. */
  path: string;
  route: string;
  body?: object;
};

export type Sending = Call & { key: string; trace: Trace; timeoutMs: number };

/** `root` is undefined for a body that cannot be read. */
export type Result =
  | { kind: 'answered'; status: number; date: string | null; root: Root | undefined; call: ProviderCall }
  | { kind: 'failed'; failure: HttpFailure; call: ProviderCall };

export type Root = { readonly [name: string]: Xml };

const ASKED = [
  'transaction.type',
  'transaction.amount',
  'transaction.order_id',
  'transaction.merchant_account_id',
  'transaction.options.submit_for_settlement',
  'transaction.final_capture',
  'search.order_id.is',
];
const TOLD = [
  'id',
  'status',
  'type',
  'amount',
  'currencyIsoCode',
  'orderId',
  'processorResponseCode',
  'processorSettlementResponseCode',
  'gatewayRejectionReason',
  'refundedTransactionId',
  'authorizedTransactionId',
];
const ANSWERED = [
  ...TOLD.map((name) => `transaction.${name}`),
  ...TOLD.map((name) => `apiErrorResponse.transaction.${name}`),
  'apiErrorResponse.message',
  'searchResults.ids.0',
];

export async function callBraintree(
  client: HttpClient,
  { merchantId, publicKey, privateKey }: Access,
  { body, path, route, ...sending }: Sending,
): Promise<Result> {
  const encoded = body === undefined ? null : jsonBody(body);
  const login = Buffer.from(`${publicKey}:${privateKey}`).toString('base64');
  const result = await client.send({
    ...sending,
    path: `/merchants/${encodeURIComponent(merchantId)}${path}`,
    route: `/merchants/{merchant}${route}`,
    headers: {
      ...encoded?.headers,
      accept: 'application/xml',
      authorization: `Basic ${login}`,
      'x-apiversion': API_VERSION,
    },
    ...(encoded === null ? {} : { body: encoded.body }),
  });
  const request = keep(body, ASKED);
  if (result.kind === 'failed') return { ...result, call: { ...result.call, request } };
  const { status, headers, text } = result;
  const root = readXml(text);
  const call = { ...result.call, raw_code: rawCodeOf(root), request, response: keep(root, ANSWERED) };
  return { kind: 'answered', status, date: headers['date'] ?? null, root, call };
}

/** The provider's own word on how it went: an error's code, the processor's, or the gateway's reason. */
function rawCodeOf(root: Root | undefined): string | null {
  const [error] = codesIn(root);
  if (error !== undefined) return error;
  const told = objectOf(objectOf(root?.['apiErrorResponse'])['transaction'] ?? root?.['transaction']);
  const code = told['processorResponseCode'];
  const reason = told['gatewayRejectionReason'];
  return typeof code === 'string' && code !== '' ? code : typeof reason === 'string' ? reason : null;
}

function objectOf(value: unknown): Root {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Root) : {};
}
