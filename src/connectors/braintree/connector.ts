/** The connector to Braintree's gateway: each operation is one call that is never made again, each answer an outcome. */

import { LIMITS } from '../../ops/limits.ts';
import type { World } from '../../ops/world.ts';
import { everyKind } from '../capabilities.ts';
import { createHttpClient } from '../http.ts';
import type { Answer, Connector, ProviderRequest, Trace } from '../port.ts';
import type { Account } from './account.ts';
import { outcomeOf } from './answer.ts';
import { authorizeCall } from './authorize.ts';
import { capabilitiesOf } from './capabilities.ts';
import { captureCall } from './capture.ts';
import { listChanges } from './changes.ts';
import { API_VERSION, type Call, callBraintree } from './client.ts';
import { hasExpired } from './expiry.ts';
import { lookUp } from './lookup.ts';
import { probe } from './probe.ts';
import { refundCall } from './refund.ts';
import { performVoid } from './void.ts';
import { braintreeWebhooks } from './webhooks.ts';

export type BraintreeOptions = {
  account: Account;
  world: World;
  /** In the place of `LIMITS.provider`; `timeoutMs` for every call that moves money. */
  limits?: { timeoutMs?: number; lookUpTimeoutMs?: number };
};

/** As many ids as the search gives at most are half of it. */
const RESPONSE_BYTES = 1024 * 1024;

export function braintreeConnector({ account, world, limits = {} }: BraintreeOptions): Connector {
  const { timeoutMs, lookUpTimeoutMs = LIMITS.provider.lookUpTimeoutMs } = limits;
  const client = createHttpClient({ url: account.url, world, responseBytes: RESPONSE_BYTES });
  const known = capabilitiesOf(account);
  const capabilities = timeoutMs === undefined ? known : { ...known, timeoutMs: everyKind(timeoutMs) };
  const asking = (key: string, trace: Trace) => (call: Call) =>
    callBraintree(client, account.access, { ...call, key, trace, timeoutMs: lookUpTimeoutMs });
  const sending = (request: ProviderRequest, trace: Trace) => (call: Call) =>
    callBraintree(client, account.access, {
      ...call,
      key: request.operation,
      trace,
      timeoutMs: capabilities.timeoutMs[request.kind],
    });
  return {
    name: 'braintree',
    version: API_VERSION,
    capabilities,
    async perform(request, trace): Promise<Answer> {
      const send = sending(request, trace);
      if (request.kind === 'void') return performVoid(asking(request.operation, trace), send, request);
      const result = await send(callOf(request, account));
      return { outcome: outcomeOf(request, result), call: result.call };
    },
    lookUp: (request, trace) => lookUp(asking(request.operation, trace), request),
    hasExpired: (id, trace) => hasExpired(asking(id, trace), id),
    webhooks: braintreeWebhooks,
    listChanges: (after, trace) => listChanges(asking('list', trace), after, world.now()),
    probe: (trace) => probe(asking('probe', trace), account, world.now),
    close: client.close,
  };
}

function callOf(request: Exclude<ProviderRequest, { kind: 'void' }>, account: Account): Call {
  switch (request.kind) {
    case 'authorize':
      return authorizeCall(request, account);
    case 'complete':
      throw new Error('Braintree never asks for the customer, so there is nothing to complete');
    case 'capture':
      return captureCall(request, account);
    case 'refund':
      return refundCall(request);
    default:
      return request satisfies never;
  }
}
