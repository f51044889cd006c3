/** Writes down what came of deliveries: done, tried again later, or an exception for a person. */

import type { Connector } from '../../connectors/port.ts';
import { mintUuid, toUuid } from '../../core/ids.ts';
import { query } from '../../db/pool.ts';
import { DEFER_DELIVERY, type DueDelivery, FINISH_DELIVERIES } from '../../db/statements/inbox.ts';
import { type FlowDeps, iso } from '../../flow/deps.ts';
import type { Applied } from './apply.ts';
import { writtenByReplay } from './run-replays.ts';
import { inboxId } from './selection.ts';

export type Done = { row: DueDelivery; applied: Extract<Applied, { kind: 'applied' | 'ignored' }> };

/** Why nobody but a person can go on: the type of the exception. */
export type AsideType = 'webhook_unreadable' | 'webhook_failing' | 'webhook_without_payment';

export type Deferred = { row: DueDelivery; why: string } & (
  | { state: 'received' | 'parked'; dueInMs: number }
  | { state: 'set_aside'; type: AsideType }
);

export async function finish(deps: FlowDeps, { name }: Connector, done: Done[]): Promise<void> {
  const now = deps.world.now();
  const named = done.flatMap(({ row, applied }) =>
    paymentsOf(applied).map((payment) => [row.id, toUuid(payment)] as const),
  );
  const written = await Promise.all(
    done.map(({ row, applied }) => writtenByReplay(deps, row, paymentsOf(applied))),
  );
  await query(deps.pool, FINISH_DELIVERIES, [
    done.map(({ row }) => row.id),
    done.map(({ applied }) => applied.kind),
    done.map(({ applied }) => JSON.stringify(detailOf(applied))),
    named.map(([inbox]) => inbox),
    named.map(([, payment]) => payment),
    iso(now),
    written,
  ]);
  for (const { row, applied } of done) {
    deps.metrics.webhooksProcessed.inc({ provider: name, result: applied.kind });
    deps.metrics.webhookLagSeconds.observe({ provider: name }, (now - Date.parse(row.received_at)) / 1000);
  }
}

function paymentsOf(applied: Done['applied']): string[] {
  return applied.kind === 'applied' ? applied.payments : [];
}

function detailOf(applied: Done['applied']): object {
  return applied.kind === 'applied' ? { facts: applied.facts, events: applied.events } : { why: applied.why };
}

export async function defer(deps: FlowDeps, deferred: Deferred): Promise<void> {
  const { row, why, state } = deferred;
  const { provider } = row;
  const now = deps.world.now();
  const aside = deferred.state === 'set_aside' ? deferred.type : null;
  const due = deferred.state === 'set_aside' ? null : iso(now + deferred.dueInMs);
  const exception = mintUuid(now, deps.world.randomBytes(10));
  const result = state === 'received' ? 'failed' : state;
  const values = [row.id, state, due, why, row.fence, exception, aside, inboxId(row.id), iso(now), result];
  const [settled] = await query<{ raised: boolean }>(deps.pool, DEFER_DELIVERY, values);
  deps.metrics.webhooksProcessed.inc({ provider, result: state });
  if (aside === null) return;
  if (settled?.raised) deps.metrics.exceptionsRaised.inc({ type: aside });
  deps.log.error({ inbox: row.id, provider, why }, 'a delivery was set aside');
}
