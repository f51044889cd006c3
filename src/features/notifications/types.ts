/** What the notifications feature takes and gives. Bodies are the API's JSON, snake_case. */

import type { ErrorCode } from '../../core/errors.ts';
import type { Pool } from '../../db/pool.ts';
import type { Principal, Reply } from '../../flow/caller.ts';
import type { Change } from '../../flow/once.ts';
import type { Log } from '../../ops/log.ts';
import type { World } from '../../ops/world.ts';

export type NotificationDeps = {
  pool: Pool;
  world: World;
  log: Log;
  /** The key of the hash chain; the one that secrets are encrypted with is derived from it. */
  chainKey: Buffer;
  /** Endpoints in private networks and without TLS: for development. */
  allowPrivate: boolean;
  problem: (code: ErrorCode, more?: object) => { status: number; body: object };
};

export type { Change };

export type EndpointInput = { url: string; events: string[]; ordered: boolean; description: string | null };

/** What is null stays; `description` is left out where it stays, since null erases it. */
export type EndpointPatch = {
  url: string | null;
  events: string[] | null;
  ordered: boolean | null;
  description?: string | null;
  status: 'enabled' | 'disabled' | null;
};

export type RedeliverInput = {
  endpoint: string;
  delivery: string | null;
  /** Deliveries made from then on, and before then; ISO 8601. */
  from: string | null;
  to: string | null;
  status: DeliveryStatus | null;
  cursor: string | null;
};

export type DeliveryStatus = 'pending' | 'succeeded' | 'failed';
export type Page = { limit: number; cursor: string | null };

export type Notifications = {
  create(request: Change<EndpointInput>): Promise<Reply>;
  list(principal: Principal, page: Page): Promise<Reply>;
  retrieve(principal: Principal, endpoint: string): Promise<Reply>;
  update(principal: Principal, endpoint: string, patch: EndpointPatch): Promise<Reply>;
  remove(principal: Principal, endpoint: string): Promise<Reply>;
  rotateSecret(request: Change<{ endpoint: string }>): Promise<Reply>;
  sendTest(request: Change<{ endpoint: string }>): Promise<Reply>;
  deliveries(
    principal: Principal,
    endpoint: string,
    page: Page & { status: DeliveryStatus | null },
  ): Promise<Reply>;
  redeliver(request: Change<RedeliverInput>): Promise<Reply>;
};
