/** The connector to Adyen's Checkout API: plain HTTP against its specification, as docs/decisions/0015 tells. */

import type { Outcome } from '../../core/outcome.ts';
import { LIMITS } from '../../ops/limits.ts';
import type { World } from '../../ops/world.ts';
import { everyKind } from '../capabilities.ts';
import { createHttpClient } from '../http.ts';
import type { Connector, ProviderRequest } from '../port.ts';
import { uncalled } from '../uncalled.ts';
import { toAdyen } from './amounts.ts';
import { outcomeOf } from './answer.ts';
import { authorizeCall } from './authorize.ts';
import { ADYEN_CAPABILITIES, KEY_LENGTH } from './capabilities.ts';
import { captureCall } from './capture.ts';
import { type Account, type Call, callAdyen } from './client.ts';
import { completeCall } from './complete.ts';
import { lookUp } from './lookup.ts';
import { probeCall, readProbe } from './probe.ts';
import { refundCall } from './refund.ts';
import { voidCall } from './void.ts';
import { adyenWebhooks } from './webhooks.ts';

export type AdyenConnectorOptions = {
  /** Of the API, without its version: `https://checkout-test.adyen.com`. */
  url: string;
  apiKey: string;
  merchantAccount: string;
  world: World;
  /** In the place of `LIMITS.provider.timeoutMs`, for every call that moves money. */
  timeoutMs?: number;
};

const VERSION = '72';

/** `close` drops the connections; calls that are under way end as unknown. */
export function adyenConnector(options: AdyenConnectorOptions): Connector {
  const { url, apiKey, merchantAccount, world, timeoutMs } = options;
  const client = createHttpClient({ url: `${url.replace(/\/+$/, '')}/v${VERSION}`, world });
  const account: Account = { client, apiKey, merchantAccount };
  const capabilities =
    timeoutMs === undefined ? ADYEN_CAPABILITIES : { ...ADYEN_CAPABILITIES, timeoutMs: everyKind(timeoutMs) };
  return {
    name: 'adyen',
    version: VERSION,
    capabilities,
    async perform(request, trace) {
      const call = callOf(request);
      const key = request.operation.slice(0, KEY_LENGTH);
      if ('kind' in call) return { outcome: call, call: uncalled(key, world.now()) };
      const result = await callAdyen(account, call, {
        key,
        trace,
        timeoutMs: capabilities.timeoutMs[request.kind],
      });
      return { outcome: outcomeOf(request, result), call: result.call };
    },
    lookUp: async (request) => lookUp(request, world.now()),
    // Adyen tells by the EXPIRE webhook, and cannot be asked.
    hasExpired: async () => null,
    webhooks: adyenWebhooks(merchantAccount),
    listChanges: null,
    async probe(trace) {
      const asking = { key: 'probe', trace, timeoutMs: LIMITS.provider.lookUpTimeoutMs };
      return readProbe(await callAdyen(account, probeCall, asking), world.now());
    },
    close: client.close,
  };
}

/** The call, or what is to be said where none can be made. */
function callOf(request: ProviderRequest): Call | Outcome {
  const value = toAdyen(request.amount, request.currency);
  switch (request.kind) {
    case 'authorize':
      return value === null ? unrepresentable(request) : authorizeCall(request, value);
    case 'capture':
      return value === null ? unrepresentable(request) : captureCall(request, value);
    case 'refund':
      return value === null ? unrepresentable(request) : refundCall(request, value);
    case 'void':
      return voidCall(request);
    case 'complete':
      return completeCall(request) ?? { kind: 'pending', provider_reference: request.providerReference };
    default:
      return request satisfies never;
  }
}

/** Never rounded: the amount would be another one. */
function unrepresentable({ currency }: ProviderRequest): Outcome {
  const message = `Adyen counts ${currency} in larger units: this amount has no number there.`;
  return { kind: 'rejected', raw_code: 'amount_not_representable', message, provider_reference: null };
}
