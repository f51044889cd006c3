/** The connector to Checkout.com: plain HTTP, a few addresses with JSON (as docs/decisions/0015 has it for Adyen). */

import type { Outcome } from '../../core/outcome.ts';
import { LIMITS } from '../../ops/limits.ts';
import type { World } from '../../ops/world.ts';
import { everyKind } from '../capabilities.ts';
import { completionOf } from '../completion.ts';
import { createHttpClient } from '../http.ts';
import { isObject, textOf } from '../json.ts';
import type { Answer, Connector, ProviderRequest } from '../port.ts';
import { uncalled } from '../uncalled.ts';
import { toCheckout } from './amounts.ts';
import { outcomeOf } from './answer.ts';
import { authorizeCall } from './authorize.ts';
import { CHECKOUT_CAPABILITIES } from './capabilities.ts';
import { captureCall } from './capture.ts';
import { type Call, ofPayment, type Result, type Send, sender } from './client.ts';
import { findPayment, lookUp } from './lookup.ts';
import { probeCall, readProbe } from './probe.ts';
import { refundCall } from './refund.ts';
import { voidCall } from './void.ts';
import { checkoutWebhooks } from './webhooks.ts';

/** Of the platform: its addresses carry no version. The older one was called ABC. */
export const CHECKOUT_VERSION = 'nas';

export type CheckoutOptions = {
  url: string;
  secretKey: string;
  /** The processing channel that payments are made on: `pc_…`. */
  channel: string;
  world: World;
  /** In the place of `LIMITS.provider.timeoutMs`, for every call that moves money. */
  timeoutMs?: number;
};

export function checkoutConnector({ url, secretKey, channel, world, timeoutMs }: CheckoutOptions): Connector {
  const client = createHttpClient({ url, world });
  const claimed = CHECKOUT_CAPABILITIES;
  const capabilities = timeoutMs === undefined ? claimed : { ...claimed, timeoutMs: everyKind(timeoutMs) };
  const { lookUpTimeoutMs } = LIMITS.provider;
  const asking = (key: string, trace: { traceparent: string }): Send =>
    sender(client, secretKey, { key, trace, timeoutMs: lookUpTimeoutMs });

  return {
    name: 'checkout',
    version: CHECKOUT_VERSION,
    capabilities,
    async perform(request, trace) {
      const ask = asking(request.operation, trace);
      if (request.kind === 'complete') return completionOf(await lookUp(request, ask));
      const call = await callOf(request, channel, ask);
      if ('kind' in call) return { outcome: call, call: uncalled(request.operation, world.now()) };
      const sending = { key: request.operation, trace, timeoutMs: capabilities.timeoutMs[request.kind] };
      const result = await sender(client, secretKey, sending)(call);
      return refusedOrDone(request, outcomeOf(request, result), result, ask);
    },
    lookUp: (request, trace) => lookUp(request, asking(request.operation, trace)),
    async hasExpired(providerReference, trace) {
      const result = await asking(providerReference, trace)(ofPayment(providerReference, ''));
      if (result.kind === 'failed' || result.status !== 200 || !isObject(result.json)) return null;
      const status = textOf(result.json, 'status');
      return result.json['id'] === providerReference && status !== null ? status === 'Expired' : null;
    },
    webhooks: checkoutWebhooks,
    listChanges: null,
    probe: async (trace) => readProbe(await asking('probe', trace)(probeCall), world.now()),
    close: client.close,
  };
}

type Moving = Exclude<ProviderRequest, { kind: 'complete' }>;

/** The call, or what is to be said where none can be made. */
async function callOf(request: Moving, channel: string, ask: Send): Promise<Call | Outcome> {
  const amount = toCheckout(request.amount, request.currency);
  if (amount === null && request.kind !== 'void') return unrepresentable(request);
  switch (request.kind) {
    case 'authorize':
      return authorizeCall(request, amount ?? 0, channel);
    case 'capture':
      return captureCall(request, amount ?? 0);
    case 'refund':
      return refundCall(request, amount ?? 0);
    case 'void': {
      const found = await findPayment(request, ask);
      if (typeof found === 'string') return voidCall(request, found);
      return { kind: 'unknown', reason: 'lookup_unavailable' };
    }
    default:
      return request satisfies never;
  }
}

/**
 * Errors are not kept for the key. So what is refused because it has been done may have been done by an earlier call
 * of ours, whose answer was lost: the payment's actions tell.
 */
async function refusedOrDone(
  request: Moving,
  outcome: Outcome,
  { call }: Result,
  ask: Send,
): Promise<Answer> {
  if (outcome.kind !== 'rejected' || request.kind === 'authorize') return { outcome, call };
  const found = await lookUp(request, ask);
  if (found.kind === 'found') return { outcome: found.outcome, call };
  return found.kind === 'not_found'
    ? { outcome, call }
    : { outcome: { kind: 'unknown', reason: 'already_done' }, call };
}

/** Never rounded: the amount would be another one. */
function unrepresentable({ currency }: ProviderRequest): Outcome {
  const message = `Checkout.com counts ${currency} in larger units, or in fewer digits: this amount has no number there.`;
  return { kind: 'rejected', raw_code: 'amount_not_representable', message, provider_reference: null };
}
