/**
 * The connector to PayPal: orders v2 and payments v2 over plain HTTP, checked against PayPal's specifications (see
 * docs/decisions/0017). What moves money is one call; where PayPal's own id has to be had first, it is read before.
 */

import type { Outcome, ProviderCall } from '../../core/outcome.ts';
import { LIMITS } from '../../ops/limits.ts';
import type { World } from '../../ops/world.ts';
import { createHttpClient } from '../http.ts';
import type { Answer, Connector, ProviderRequest, Trace, VoidRequest } from '../port.ts';
import type { PayPalTrust } from '../signatures/paypal.ts';
import { toPayPal } from './amounts.ts';
import { outcomeOf } from './answer.ts';
import { authorizeCall } from './authorize.ts';
import { timeouts } from './capabilities.ts';
import { captureCall, readCapture } from './capture.ts';
import { createCertificates } from './certificates.ts';
import { listChanges } from './changes.ts';
import { type Call, createSender, type Send } from './client.ts';
import { completeCall } from './complete.ts';
import { readExpiry } from './expiry.ts';
import { textAt } from './json.ts';
import { authorizationCall, findOrder, lookUp } from './lookup.ts';
import { authorizationIn, readOrder } from './order.ts';
import { readProbe } from './probe.ts';
import { readReference } from './reference.ts';
import { NO_CAPTURE, readRefund, refundCall } from './refund.ts';
import { type Credentials, createTokens } from './token.ts';
import { NO_CANCEL_BY_REFERENCE, readUnauthorized, readVoid, voidCall } from './void.ts';
import { paypalWebhooks } from './webhooks.ts';

export const PAYPAL_VERSION = '2';

/** A page of events is far longer than the answer to one operation. */
const RESPONSE_BYTES = 4 * 1024 * 1024;

export type PayPalOptions = {
  url: string;
  credentials: Credentials;
  environment: PayPalTrust['environment'];
  /** PEM of the authority that a simulator's certificates come from; null for PayPal's. */
  authority: string | null;
  world: World;
  /** In the place of `LIMITS.provider`; `timeoutMs` for every call that moves money. */
  limits?: { timeoutMs?: number; lookUpTimeoutMs?: number };
};

export function paypalConnector(options: PayPalOptions): Connector {
  const { url, credentials, environment, authority, world, limits = {} } = options;
  const { lookUpTimeoutMs = LIMITS.provider.lookUpTimeoutMs } = limits;
  const client = createHttpClient({ url, world, responseBytes: RESPONSE_BYTES });
  const tokens = createTokens(client, credentials, world);
  const sender = createSender(client, tokens, world);
  const capabilities = timeouts(limits.timeoutMs ?? null);
  return {
    name: 'paypal',
    version: PAYPAL_VERSION,
    capabilities,
    async perform(request, trace) {
      const timeoutMs = capabilities.timeoutMs[request.kind];
      const send = sender({ key: request.operation, trace, timeoutMs });
      const plan = await planOf(request, send, world);
      if ('outcome' in plan) return plan;
      const result = await send(plan.call);
      return { outcome: outcomeOf(result, plan.read), call: result.call };
    },
    lookUp: (request, trace) => lookUp(request, asking(request.operation, trace)),
    async hasExpired(providerReference, trace) {
      const { kind, id } = readReference(providerReference);
      if (kind === 'order') return null;
      return readExpiry(id, await asking(providerReference, trace)(authorizationCall(id)));
    },
    webhooks: paypalWebhooks(createCertificates(client, world, authority), environment, (trace) =>
      asking('webhook', trace),
    ),
    listChanges: (after, trace) => listChanges(after, asking('synchronize', trace), world),
    probe: async (trace) => readProbe(await tokens.get(trace, lookUpTimeoutMs), world.now()),
    close: client.close,
  };

  function asking(key: string, trace: Trace): Send {
    return sender({ key, trace, timeoutMs: lookUpTimeoutMs });
  }
}

type Plan = { call: Call; read: (json: unknown) => Outcome } | Answer;

async function planOf(request: ProviderRequest, send: Send, world: World): Promise<Plan> {
  const refusal = (outcome: Outcome): Answer => ({ outcome, call: noCall(request, outcome, world) });
  const amount = toPayPal(request.amount, request.currency);
  switch (request.kind) {
    case 'authorize':
      if (amount === null) return refusal(unrepresentable(request));
      return { call: authorizeCall(request, amount), read: (json) => readOrder(request, json) };
    case 'complete':
      return planCompletion(request, send);
    case 'capture': {
      if (amount === null) return refusal(unrepresentable(request));
      const found = await findAuthorization(request.providerReference, send);
      if ('outcome' in found) return found;
      return { call: captureCall(request, found.id, amount), read: (json) => readCapture(request, json) };
    }
    case 'void':
      if (request.providerReference === null) return refusal(NO_CANCEL_BY_REFERENCE);
      return planVoid(request, request.providerReference, send);
    case 'refund':
      if (amount === null) return refusal(unrepresentable(request));
      if (request.captureReference === null) return refusal(NO_CAPTURE);
      return {
        call: refundCall(request, request.captureReference, amount),
        read: (json) => readRefund(request, json),
      };
    default:
      return request satisfies never;
  }
}

/** Whether to authorise or to capture stands in the order, and whether the customer has approved it at all. */
async function planCompletion(
  request: Extract<ProviderRequest, { kind: 'complete' }>,
  send: Send,
): Promise<Plan> {
  const order = await findOrder(request.providerReference, send);
  if (order.kind === 'unavailable') return unknownYet(order.call);
  const intent = textAt(order.json, 'intent');
  const approved =
    textAt(order.json, 'status') === 'APPROVED' && (intent === 'AUTHORIZE' || intent === 'CAPTURE');
  const outcome = readOrder(request, order.json);
  if (!approved || outcome.kind !== 'requires_action') return { outcome, call: order.call };
  return { call: completeCall(request, intent), read: (json) => readOrder(request, json) };
}

async function planVoid(request: VoidRequest, reference: string, send: Send): Promise<Plan> {
  const { kind, id } = readReference(reference);
  const read = (json: unknown) => readVoid(request, json);
  if (kind === 'authorization') return { call: voidCall(id), read };
  const order = await findOrder(reference, send);
  if (order.kind === 'unavailable') return notBegun(order);
  const outcome = readUnauthorized(request, order.json);
  if (outcome !== null) return { outcome, call: order.call };
  return { call: voidCall(textAt(authorizationIn(order.json), 'id') ?? ''), read };
}

/** Nearly always the reference is the authorization; else its order tells. */
async function findAuthorization(reference: string, send: Send): Promise<{ id: string } | Answer> {
  const { kind, id } = readReference(reference);
  if (kind === 'authorization') return { id };
  const order = await findOrder(reference, send);
  if (order.kind === 'unavailable') return notBegun(order);
  const found = textAt(authorizationIn(order.json), 'id');
  return found === null
    ? notBegun({ reason: 'the order has no authorization', call: order.call })
    : { id: found };
}

/** What was to move money was not sent: what it needs to know could not be read. */
function notBegun({ reason, call }: { reason: string; call: ProviderCall }): Answer {
  return { outcome: { kind: 'not_sent', evidence: 'not_begun', reason }, call };
}

/** A customer who has approved is not turned away for a look that failed: it is looked at again. */
function unknownYet(call: ProviderCall): Answer {
  return { outcome: { kind: 'unknown', reason: 'lookup_unavailable' }, call };
}

/** Refused here: PayPal would have to round it. */
function unrepresentable({ amount, currency }: ProviderRequest): Outcome {
  const message = `PayPal cannot be told ${amount} minor units of ${currency} exactly.`;
  return { kind: 'rejected', raw_code: 'amount_not_representable', message, provider_reference: null };
}

function noCall({ operation }: ProviderRequest, outcome: Outcome, world: World): ProviderCall {
  return {
    key: operation,
    endpoint: 'none: refused before any call',
    http_status: null,
    raw_code: outcome.kind === 'rejected' ? outcome.raw_code : null,
    started_at: new Date(world.now()).toISOString(),
    duration_ms: 0,
    request: null,
    response: null,
  };
}
