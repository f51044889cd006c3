/** What was sent to an endpoint, and sending it again. */

import { fromUuid, mintUuid, toUuid } from '../../core/ids.ts';
import { query } from '../../db/pool.ts';
import {
  type DeliveryRow,
  INSERT_TEST_DELIVERY,
  LIST_DELIVERIES,
  LOAD_ENDPOINT,
  REDELIVER,
} from '../../db/statements/endpoints.ts';
import type { Principal, Reply } from '../../flow/caller.ts';
import { LIMITS } from '../../ops/limits.ts';
import { type Refusal, scope } from './endpoints.ts';
import { once } from './once.ts';
import { presentDelivery, presentPage } from './present.ts';
import type { Change, DeliveryStatus, NotificationDeps, Page, RedeliverInput } from './types.ts';

const { attemptsShown, redeliverBatch } = LIMITS.notifications;

/** An event about nothing, for the receiver to try its way: sent like any other. */
export function sendTest(deps: NotificationDeps, request: Change<{ endpoint: string }>): Promise<Reply> {
  const own = scope(request.principal, request.input.endpoint);
  return once(deps, request, async (client) => {
    if ((await query(client, LOAD_ENDPOINT, own)).length === 0) return unknownEndpoint(deps);
    const [id, merchant] = own;
    const event = mintUuid(deps.world.now(), deps.world.randomBytes(10));
    const [row] = await query<DeliveryRow>(client, INSERT_TEST_DELIVERY, [id, merchant, event, now(deps)]);
    if (!row) throw new Error('the test delivery was not inserted');
    return { status: 200, body: presentDelivery(row) };
  });
}

export async function deliveries(
  deps: NotificationDeps,
  principal: Principal,
  endpoint: string,
  page: Page & { status: DeliveryStatus | null },
): Promise<Reply> {
  const own = scope(principal, endpoint);
  if ((await query(deps.pool, LOAD_ENDPOINT, own)).length === 0) return unknownEndpoint(deps);
  const cursor = page.cursor === null ? null : toUuid(page.cursor);
  const values = [own[0], cursor, page.status, attemptsShown, page.limit + 1];
  const rows = await query<DeliveryRow>(deps.pool, LIST_DELIVERIES, values);
  return { status: 200, body: presentPage(rows, page.limit, presentDelivery) };
}

/** One delivery or a range, oldest first, a bounded number at a time: `next_cursor` goes on with the rest. */
export function redeliver(deps: NotificationDeps, request: Change<RedeliverInput>): Promise<Reply> {
  const { endpoint, delivery, from, to, status, cursor } = request.input;
  const own = scope(request.principal, endpoint);
  return once(deps, request, async (client) => {
    if ((await query(client, LOAD_ENDPOINT, own)).length === 0) return unknownEndpoint(deps);
    const rows = await query<{ id: string }>(client, REDELIVER, [
      own[0],
      delivery === null ? null : toUuid(delivery),
      from,
      to,
      status,
      cursor === null ? null : toUuid(cursor),
      now(deps),
      redeliverBatch,
    ]);
    if (delivery !== null && rows.length === 0) return deps.problem('delivery_not_found') as Refusal;
    const last = rows
      .map(({ id }) => id)
      .sort()
      .at(-1);
    const more = last !== undefined && rows.length === redeliverBatch;
    const next = more ? fromUuid('delivery', last) : null;
    return {
      status: 200,
      body: { object: 'redelivery', count: rows.length, has_more: more, next_cursor: next },
    };
  });
}

function unknownEndpoint({ problem }: NotificationDeps): Refusal {
  return problem('webhook_endpoint_not_found') as Refusal;
}

function now({ world }: NotificationDeps): string {
  return new Date(world.now()).toISOString();
}
