/** Whether an account can be used: credentials, clocks, webhook secret, and what the connector says it can do. */

import { LIMITS } from '../ops/limits.ts';
import { newTrace } from '../ops/trace.ts';
import type { World } from '../ops/world.ts';
import type { Connector } from './port.ts';

/** `ok` is null where it cannot be told, or does not apply. Nothing here holds a secret. */
export type Finding = { what: string; ok: boolean | null; detail: string };

export async function checkConnector(
  connector: Connector,
  secrets: readonly string[] | undefined,
  world: World,
): Promise<Finding[]> {
  const {
    credentials,
    clockDifferenceMs,
    detail,
    contradictions = [],
  } = await connector.probe(newTrace(world));
  return [
    {
      what: 'credentials',
      ok: credentials === 'accepted',
      detail: `${credentials.replace('_', ' ')}: ${detail}`,
    },
    ...contradictions.map((contradiction) => ({ what: 'configuration', ok: false, detail: contradiction })),
    clock(clockDifferenceMs),
    webhookSecret(connector, secrets, world.now()),
    { what: 'capabilities', ok: capable(connector), detail: claims(connector) },
  ];
}

/** Signatures and tokens are bound to time: who is far off is refused. */
function clock(differenceMs: number | null): Finding {
  if (differenceMs === null) return { what: 'clock', ok: null, detail: 'the provider told no time' };
  const seconds = Math.round(differenceMs / 1000);
  const detail = `the provider is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead'}`;
  const ok = Math.abs(differenceMs) <= LIMITS.provider.clockDifferenceMs;
  return { what: 'clock', ok, detail: ok ? detail : `${detail}: check NTP` };
}

function webhookSecret(
  { webhooks }: Connector,
  secrets: readonly string[] | undefined,
  nowMs: number,
): Finding {
  const what = 'webhook secret';
  if (webhooks === null) return { what, ok: null, detail: 'the provider sends nothing by itself' };
  if (!secrets || secrets.length === 0)
    return { what, ok: false, detail: 'none configured: results that come by webhook are not heard' };
  try {
    webhooks.verify({ headers: {}, body: Buffer.alloc(0) }, secrets, nowMs);
    return { what, ok: true, detail: `${secrets.length} configured, well-formed` };
  } catch (error) {
    return { what, ok: false, detail: (error as Error).message };
  }
}

/** A connector that can neither ask, nor repeat, nor be told would leave an unknown outcome unknown for ever. */
function capable({ capabilities, webhooks, listChanges }: Connector): boolean {
  const asks = Object.values(capabilities.lookUp).every(({ kind }) => kind === 'offered');
  return asks || webhooks !== null || listChanges !== null;
}

function claims({ capabilities: can }: Connector): string {
  const currencies = can.currencies === 'all' ? 'all currencies' : `${can.currencies.length} currencies`;
  return `${can.methods.join(', ')}; ${currencies}`;
}
