/** A bounded sample of what was refused, for diagnosis: headers that tell nothing, and the body's shape. */

import { createHash } from 'node:crypto';
import type { Delivery } from '../../connectors/port.ts';
import { mintUuid } from '../../core/ids.ts';
import { type Pool, query } from '../../db/pool.ts';
import { KEEP_REFUSED } from '../../db/statements/inbox.ts';
import { LIMITS } from '../../ops/limits.ts';
import type { World } from '../../ops/world.ts';

export type Refusal = { provider: string; account: string; reason: string; delivery: Delivery };

/** The only headers whose values are kept: all others may hold a secret. */
const SHOWN = new Set(['content-type', 'content-length', 'user-agent', 'webhook-id', 'webhook-timestamp']);
const DEPTH = 6;
const MEMBERS = 50;

export async function keepSample(
  { pool, world }: { pool: Pool; world: World },
  refusal: Refusal,
): Promise<void> {
  const { provider, account, reason, delivery } = refusal;
  const now = world.now();
  await query(pool, KEEP_REFUSED, [
    mintUuid(now, world.randomBytes(10)),
    provider,
    account,
    reason,
    new Date(now).toISOString(),
    JSON.stringify(shownHeaders(delivery.headers)),
    delivery.body.length,
    createHash('sha256').update(delivery.body).digest('hex'),
    JSON.stringify(shapeOfBody(delivery.body)),
    LIMITS.inbox.refusedKept,
  ]);
}

function shownHeaders(headers: Delivery['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .slice(0, MEMBERS)
      .map(([name, value]) => [name, SHOWN.has(name) ? value.slice(0, 100) : `${value.length} characters`]),
  );
}

/** Null where it is no JSON. */
export function shapeOfBody(body: Buffer): unknown {
  try {
    return shapeOf(JSON.parse(body.toString()), 0);
  } catch {
    return null;
  }
}

/** Names of fields and kinds of values: enough to tell whose it is, nothing that anybody could misuse. */
function shapeOf(value: unknown, depth: number): unknown {
  if (value === null || depth > DEPTH) return null;
  if (Array.isArray(value)) return value.slice(0, 1).map((item) => shapeOf(item, depth + 1));
  if (typeof value !== 'object') return typeof value;
  const members = Object.entries(value).slice(0, MEMBERS);
  return Object.fromEntries(members.map(([key, inner]) => [key.slice(0, 40), shapeOf(inner, depth + 1)]));
}
