/** The connector to the provider simulator: each operation is one call, each answer an outcome. */

import { LIMITS } from '../../ops/limits.ts';
import type { World } from '../../ops/world.ts';
import type { Capabilities, Connector, ProviderRequest } from '../port.ts';
import { outcomeOf } from './answer.ts';
import { authorizeCall } from './authorize.ts';
import { captureCall } from './capture.ts';
import { changesCall, readChanges } from './changes.ts';
import { createClient } from './client.ts';
import { completeCall } from './complete.ts';
import { chargeCall, readExpiry } from './expiry.ts';
import { lookUpCall, readLookUp } from './lookup.ts';
import { refundCall } from './refund.ts';
import { voidCall } from './void.ts';
import { simulatorWebhooks } from './webhooks.ts';

export type SimulatorConnectorOptions = {
  /** Where the simulator listens: `http://127.0.0.1:8090`. */
  url: string;
  world: World;
  /** In the place of `LIMITS.provider`. */
  limits?: { [name in keyof typeof LIMITS.provider]?: number };
};

const DAY_MS = 24 * 3600_000;

/** `close` drops the connections; calls that are under way end as unknown. */
export function simulatorConnector(
  options: SimulatorConnectorOptions,
): Connector & { close(): Promise<void> } {
  const { connections, responseBytes, timeoutMs, lookUpTimeoutMs } = {
    ...LIMITS.provider,
    ...options.limits,
  };
  const client = createClient({ url: options.url, world: options.world, connections, responseBytes });
  const capabilities: Capabilities = {
    idempotencyWindowMs: DAY_MS,
    lookUpConsistencyMs: 0,
    authorizationValidityMs: 7 * DAY_MS,
    timeoutMs,
    lookUpTimeoutMs,
  };
  return {
    name: 'simulator',
    capabilities,
    async perform(request, trace) {
      const call = { method: 'POST', ...callOf(request), key: request.operation, trace, timeoutMs } as const;
      const result = await client.call(call);
      return { outcome: outcomeOf(request, result), call: result.call };
    },
    async lookUp(request, trace) {
      const call = { ...lookUpCall(request), key: request.operation, trace, timeoutMs: lookUpTimeoutMs };
      return readLookUp(request, await client.call({ method: 'GET', ...call }));
    },
    async hasExpired(providerReference, trace) {
      const call = { ...chargeCall(providerReference), trace, timeoutMs: lookUpTimeoutMs };
      return readExpiry(providerReference, await client.call({ method: 'GET', ...call }));
    },
    webhooks: simulatorWebhooks,
    async listChanges(after, trace) {
      const call = { ...changesCall(after), trace, timeoutMs: lookUpTimeoutMs };
      return readChanges(await client.call({ method: 'GET', ...call }));
    },
    close: client.close,
  };
}

function callOf(request: ProviderRequest) {
  switch (request.kind) {
    case 'authorize':
      return authorizeCall(request);
    case 'complete':
      return completeCall(request);
    case 'capture':
      return captureCall(request);
    case 'void':
      return voidCall(request);
    case 'refund':
      return refundCall(request);
    default:
      return request satisfies never;
  }
}
