/** Where the payloads of attempts lie, and for how long: see `core/payment/payload.ts`. */

import type { ProviderRequest } from '../connectors/port.ts';
import { toUuid } from '../core/ids.ts';
import { isApart, type Payload, spentPayloads, withToken } from '../core/payment/payload.ts';
import type { State } from '../core/payment.ts';
import { query } from '../db/pool.ts';
import { ERASE_PAYLOADS, KEEP_PAYLOAD, LOAD_PAYLOAD } from '../db/statements/payloads.ts';
import { type FlowDeps, iso } from './deps.ts';

/** Before the commit that names it, so that nothing can be asked for whose payload is missing. */
export async function keepPayload({ pool, world }: FlowDeps, { attempt, token }: Payload): Promise<void> {
  await query(pool, KEEP_PAYLOAD, [toUuid(attempt), token, iso(world.now())]);
}

/** The request with its payload, where it has one; null when that is erased already. */
export async function withPayload(
  { pool }: FlowDeps,
  request: ProviderRequest,
): Promise<ProviderRequest | null> {
  if (request.kind !== 'authorize' || !isApart(request.paymentMethod)) return request;
  const [row] = await query<{ token: string }>(pool, LOAD_PAYLOAD, [toUuid(request.attempt)]);
  return row ? { ...request, paymentMethod: withToken(request.paymentMethod, row.token) } : null;
}

/** What could not be erased now, housekeeping erases. */
export async function eraseSpent({ pool, log }: FlowDeps, before: State | null, after: State): Promise<void> {
  const spent = spentPayloads(before, after);
  if (spent.length === 0) return;
  await query(pool, ERASE_PAYLOADS, [spent.map(toUuid)]).catch((error: unknown) =>
    log.warn({ err: error }, 'a payload was not erased; housekeeping does it'),
  );
}
