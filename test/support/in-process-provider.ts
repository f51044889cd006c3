/**
 * A provider inside the process, for tests and the benchmark: approves everything at a constant cost, keeps no
 * books, and makes its ids from ours, so that a repeated call gives the same answer.
 */

import { everyKind } from '../../src/connectors/capabilities.ts';
import type { Answer, Capabilities, Connector, ProviderRequest } from '../../src/connectors/port.ts';
import { SIMULATOR_CAPABILITIES } from '../../src/connectors/simulator/capabilities.ts';
import type { Approved, AuthorizationDetails, ProviderCall } from '../../src/core/outcome.ts';
import type { World } from '../../src/ops/world.ts';

export type InProcessProviderOptions = {
  world: World;
  name?: string;
  /** Each answer comes after a time between the two, evenly spread; at once without them. */
  latencyMs?: { min: number; max: number };
  /** What it can do less, or otherwise, than the simulator. */
  capabilities?: Partial<Capabilities>;
};

const DETAILS: AuthorizationDetails = {
  authorization_code: '123456',
  bin: '42424242',
  last4: '4242',
  avs_result: 'Y',
  cvc_result: 'M',
  eci: '07',
  network_transaction_id: null,
};

export function inProcessProvider(options: InProcessProviderOptions): Connector {
  const { world, name = 'in_process', capabilities = {} } = options;
  const answer = async (request: ProviderRequest, endpoint: string): Promise<Answer> => {
    const began = world.monotonic();
    const started_at = new Date(world.now()).toISOString();
    await wait(options);
    const call: ProviderCall = {
      key: request.operation,
      endpoint,
      http_status: 200,
      raw_code: 'approved',
      started_at,
      duration_ms: Math.round(world.monotonic() - began),
      request: null,
      response: null,
    };
    return { outcome: approved(request, started_at), call };
  };
  return {
    name,
    version: '1',
    capabilities: { ...SIMULATOR_CAPABILITIES, timeoutMs: everyKind(5_000), ...capabilities },
    perform: (request) => answer(request, `perform ${request.kind}`),
    lookUp: async (request) => ({ kind: 'found', ...(await answer(request, `look up ${request.kind}`)) }),
    hasExpired: async () => false,
    webhooks: null,
    listChanges: null,
    probe: async () => ({ credentials: 'accepted', clockDifferenceMs: 0, detail: 'inside the process' }),
    close: async () => undefined,
  };
}

/** Resolves at once without a latency: not even a timer is spent. */
async function wait({ world, latencyMs }: InProcessProviderOptions): Promise<void> {
  if (latencyMs === undefined) return;
  const [byte = 0] = world.randomBytes(1);
  await world.sleep(latencyMs.min + (byte / 255) * (latencyMs.max - latencyMs.min));
}

function approved(request: ProviderRequest, provider_at: string): Approved {
  const authorizes = request.kind === 'authorize' || request.kind === 'complete';
  const sale = request.kind === 'authorize' && request.capture;
  return {
    kind: 'approved',
    provider_reference: `ch_${request.attempt.slice(-26)}`,
    movement: authorizes && !sale ? null : `mv_${request.operation.slice(-26)}`,
    amount: request.amount,
    amount_captured: sale ? request.amount : 0,
    details: authorizes ? DETAILS : null,
    provider_at,
  };
}
