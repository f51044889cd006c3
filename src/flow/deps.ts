/** What the flow is made of; put together once, in main.ts. */

import type { Connector } from '../connectors/port.ts';
import { type IdKind, mintId } from '../core/ids.ts';
import type { Pool } from '../db/pool.ts';
import type { Log } from '../ops/log.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { World } from '../ops/world.ts';
import type { Committer } from './commit.ts';
import type { Streams } from './streams.ts';

export type FlowDeps = {
  pool: Pool;
  committer: Committer;
  streams: Streams;
  connectors: ReadonlyMap<string, Connector>;
  world: World;
  log: Log;
  metrics: Metrics;
  /** Key of the hash chain; kept outside the database. */
  chainKey: Buffer;
  /** Where customers' browsers reach us, for the way back from a challenge. */
  publicUrl: string;
};

export function newId({ world }: Pick<FlowDeps, 'world'>, kind: IdKind): string {
  return mintId(kind, world.now(), world.randomBytes(10));
}

export function connectorOf(deps: FlowDeps, provider: string): Connector {
  const connector = deps.connectors.get(provider);
  if (!connector)
    throw new Error(`no connector for provider ${provider}: configure it, or restore its configuration`);
  return connector;
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}
