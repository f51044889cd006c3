/**
 * The worker's loop: claims what is due, does it, and says when next. Each provider has so many places, so that one that
 * is slow to answer delays its own work only. Any number of workers share the table.
 */

import { fromUuid } from '../core/ids.ts';
import { query } from '../db/pool.ts';
import { CLAIM_DUE, DUE_NOW, type DueRow, RESCHEDULE, SORT_DUE } from '../db/statements/schedule.ts';
import { LIMITS } from '../ops/limits.ts';
import { newTrace } from '../ops/trace.ts';
import { type FlowDeps, iso } from './deps.ts';
import { execute } from './perform.ts';
import { resolveOperation, type Unresolved } from './resolve.ts';
import { loadPayment } from './stream.ts';
import { askAboutAction, askAboutAuthorization, expire, reportWaiting } from './timers.ts';

/** Runs until the signal aborts; what is under way then is finished first. */
export async function runWorker(deps: FlowDeps, signal: AbortSignal): Promise<void> {
  await Promise.all([workUntil(deps, signal), observeUntil(deps, signal)]);
}

/** What was claimed and is being done. */
type UnderWay = Set<{ provider: string; done: Promise<void> }>;

async function workUntil(deps: FlowDeps, signal: AbortSignal): Promise<void> {
  const underWay: UnderWay = new Set();
  while (!signal.aborted) {
    await startDue(deps, underWay).catch((error: unknown) =>
      deps.log.warn({ err: error }, 'the worker could not claim; it tries again'),
    );
    // Whatever ends first makes room.
    await Promise.race([deps.world.sleep(LIMITS.resolve.pollMs, signal), ...endings(underWay)]);
  }
  await Promise.all(endings(underWay));
}

/** Does what is due now, as far as there is room, to its end; gives how much that was. For tests and tools. */
export async function workOnce(deps: FlowDeps): Promise<number> {
  const underWay: UnderWay = new Set();
  const started = await startDue(deps, underWay);
  await Promise.all(endings(underWay));
  return started;
}

/** Claims as much as there is room for and begins it; gives how much. */
export async function startDue(deps: FlowDeps, underWay: UnderWay): Promise<number> {
  const now = deps.world.now();
  const { leaseMs, perProvider, sortBatch } = LIMITS.resolve;
  await query(deps.pool, SORT_DUE, [iso(now), sortBatch]);
  const busy = Map.groupBy(underWay, ({ provider }) => provider);
  const counts = [...busy.values()].map((same) => same.length);
  const values = [iso(now), iso(now + leaseMs), perProvider, [...busy.keys()], counts];
  const due = await query<DueRow & { provider: string }>(deps.pool, CLAIM_DUE, values);
  for (const row of due) {
    const one = { provider: row.provider, done: work(deps, row).finally(() => void underWay.delete(one)) };
    underWay.add(one);
  }
  return due.length;
}

function endings(underWay: UnderWay): Promise<void>[] {
  return [...underWay].map(({ done }) => done);
}

/** Not with each claim: counting a backlog takes longer than working on a batch of it. */
async function observeUntil(deps: FlowDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await observe(deps).catch((error: unknown) =>
      deps.log.warn({ err: error }, 'it could not be read how much work is due'),
    );
    await deps.world.sleep(LIMITS.resolve.observeEveryMs, signal);
  }
}

async function observe({ pool, world, metrics }: FlowDeps): Promise<void> {
  type Gauge = { due: number; oldest_seconds: number };
  const [gauge] = await query<Gauge>(pool, DUE_NOW, [iso(world.now())]);
  metrics.scheduleDue.set(gauge?.due ?? 0);
  metrics.scheduleOldestSeconds.set(gauge?.oldest_seconds ?? 0);
}

/** One failing timer costs only itself: it comes due again, with its reason. */
async function work(deps: FlowDeps, row: DueRow): Promise<void> {
  const unresolved = await attend(deps, row).catch((error: unknown) => failed(deps, row, error));
  if (unresolved === null) return;
  const { retryInMs, why, unlessWoken } = unresolved;
  const { subject, kind, fence, leased_until } = row;
  const values = [
    subject,
    kind,
    iso(deps.world.now() + retryInMs),
    why,
    fence,
    unlessWoken ? leased_until : null,
  ];
  await query(deps.pool, RESCHEDULE, values).catch((error: unknown) =>
    deps.log.warn({ err: error }, 'not rescheduled; the claim runs out by itself'),
  );
}

/** Tried again; an operation that fails like this for too long is put before a person, as any other. */
async function failed(deps: FlowDeps, row: DueRow, error: unknown): Promise<Unresolved> {
  const { subject, kind } = row;
  deps.log.error({ err: error, subject, kind }, 'due work failed; it is tried again');
  const ageMs = deps.world.now() - Date.parse(row.created_at);
  if (kind === 'operation' && ageMs > LIMITS.resolve.exceptionMs)
    await reportUnresolved(deps, row).catch((err: unknown) =>
      deps.log.error({ err, subject }, 'and no person could be told'),
    );
  return { retryInMs: LIMITS.resolve.failedMs, why: 'failed inside; see the log' };
}

async function reportUnresolved(deps: FlowDeps, row: DueRow): Promise<void> {
  const loaded = await loadPayment(deps.pool, fromUuid('payment', row.payment_id));
  if (!loaded) return;
  const { payment, mode } = loaded;
  const operation = fromUuid('operation', row.subject);
  await execute(deps, { payment, mode, ...newTrace(deps.world) }, { type: 'report_unresolved', operation });
}

async function attend(deps: FlowDeps, row: DueRow): Promise<Unresolved> {
  const loaded = await loadPayment(deps.pool, fromUuid('payment', row.payment_id));
  if (!loaded) return null;
  const on = { loaded, payment: loaded.payment, mode: loaded.mode, ...newTrace(deps.world) };
  switch (row.kind) {
    case 'operation':
      return resolveOperation(deps, { ...on, operation: fromUuid('operation', row.subject) }, row);
    case 'action':
      return askAboutAction(deps, on, row);
    case 'unpaid':
      return expire(deps, on);
    case 'authorization':
      return askAboutAuthorization(deps, on);
    case 'waiting':
      return reportWaiting(deps, on);
    default:
      return row.kind satisfies never;
  }
}
