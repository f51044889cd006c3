/** The connector to the provider simulator: each operation is one call, each answer an outcome. */

import { LIMITS } from '../../ops/limits.ts';
import type { World } from '../../ops/world.ts';
import { type Capabilities, everyKind } from '../capabilities.ts';
import { createHttpClient } from '../http.ts';
import type { Connector, ProviderRequest } from '../port.ts';
import { outcomeOf } from './answer.ts';
import { authorizeCall } from './authorize.ts';
import { SIMULATOR_CAPABILITIES } from './capabilities.ts';
import { captureCall } from './capture.ts';
import { changesCall, readChanges } from './changes.ts';
import { callSimulator, type Request } from './client.ts';
import { completeCall } from './complete.ts';
import { chargeCall, readExpiry } from './expiry.ts';
import { lookUpCall, readLookUp } from './lookup.ts';
import { probeCall, readProbe } from './probe.ts';
import { refundCall } from './refund.ts';
import { voidCall } from './void.ts';
import { simulatorWebhooks } from './webhooks.ts';

export type SimulatorConnectorOptions = {
  /** Where the simulator listens: `http://127.0.0.1:8090`. */
  url: string;
  world: World;
  /** In the place of `LIMITS.provider`; `timeoutMs` for every call that moves money. */
  limits?: { timeoutMs?: number; lookUpTimeoutMs?: number; connections?: number; responseBytes?: number };
};

/** `close` drops the connections; calls that are under way end as unknown. */
export function simulatorConnector({ url, world, limits = {} }: SimulatorConnectorOptions): Connector {
  const { timeoutMs, lookUpTimeoutMs = LIMITS.provider.lookUpTimeoutMs, ...bounds } = limits;
  const client = createHttpClient({ url, world, ...bounds });
  const capabilities: Capabilities =
    timeoutMs === undefined
      ? SIMULATOR_CAPABILITIES
      : { ...SIMULATOR_CAPABILITIES, timeoutMs: everyKind(timeoutMs) };
  const read = (call: Omit<Request, 'method' | 'timeoutMs'>) =>
    callSimulator(client, { method: 'GET', ...call, timeoutMs: lookUpTimeoutMs });
  return {
    name: 'simulator',
    version: '1',
    capabilities,
    async perform(request, trace) {
      const call = { method: 'POST', ...callOf(request), key: request.operation, trace } as const;
      const result = await callSimulator(client, {
        ...call,
        timeoutMs: capabilities.timeoutMs[request.kind],
      });
      return { outcome: outcomeOf(request, result), call: result.call };
    },
    async lookUp(request, trace) {
      return readLookUp(request, await read({ ...lookUpCall(request), key: request.operation, trace }));
    },
    async hasExpired(providerReference, trace) {
      return readExpiry(providerReference, await read({ ...chargeCall(providerReference), trace }));
    },
    webhooks: simulatorWebhooks,
    listChanges: async (after, trace) => readChanges(await read({ ...changesCall(after), trace })),
    probe: async (trace) => readProbe(await read({ ...probeCall(), trace }), world.now()),
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
