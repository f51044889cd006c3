/**
 * The worker's side of the inbox: claims what is due, applies it, and says what came of it. Each provider has a loop
 * of its own, so that one whose deliveries fail or flood holds up no other. Any number of workers share the table.
 */

import type { Connector } from '../../connectors/port.ts';
import { query } from '../../db/pool.ts';
import {
  CLAIM_DELIVERIES,
  type DueDelivery,
  INBOX_DEPTH,
  type InboxDepth,
} from '../../db/statements/inbox.ts';
import { failureOf } from '../../flow/database-failure.ts';
import { type FlowDeps, iso, readerOf } from '../../flow/deps.ts';
import { LIMITS } from '../../ops/limits.ts';
import { applyDelivery, subjectOf } from './apply.ts';
import { traceOfReplay } from './run-replays.ts';
import { type Deferred, type Done, defer, finish } from './settle.ts';
import { runStrays } from './strays.ts';
import { observeAccounts } from './synchronize.ts';

/** Runs until the signal aborts; what is under way then is finished first. */
export async function runInbox(deps: FlowDeps, signal: AbortSignal): Promise<void> {
  const receiving = receivers(deps);
  await Promise.all([
    runStrays(
      deps,
      receiving.map(({ name }) => name),
      signal,
    ),
    ...receiving.flatMap((connector) =>
      Array.from({ length: LIMITS.inbox.lanes }, () => runProvider(deps, connector, signal)),
    ),
  ]);
}

/** One of each provider: which account a delivery is for, and how to read it, its row tells. */
function receivers(deps: FlowDeps): Connector[] {
  const readers = [...deps.accounts.values()].map((a) => readerOf(deps, a.provider, a.account));
  const receiving = readers.filter((connector) => connector !== null).filter((c) => c.webhooks !== null);
  return [...new Map(receiving.map((connector) => [connector.name, connector])).values()];
}

async function runProvider(deps: FlowDeps, connector: Connector, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const begunMs = deps.world.monotonic();
    const did = await processOnce(deps, connector).catch((error: unknown) => {
      deps.log.warn(
        { err: error, provider: connector.name },
        'the inbox could not be worked on; it is tried again',
      );
      return 0;
    });
    const tookMs = deps.world.monotonic() - begunMs;
    const restMs = did < LIMITS.inbox.batch ? LIMITS.inbox.pollMs : tookMs * LIMITS.inbox.rest;
    await deps.world.sleep(restMs, signal);
  }
}

/** Claims and processes one batch; gives how many were claimed. */
export async function processOnce(deps: FlowDeps, connector: Connector): Promise<number> {
  const now = deps.world.now();
  const values = [connector.name, iso(now), iso(now + LIMITS.inbox.leaseMs), LIMITS.inbox.batch];
  const rows = await query<DueDelivery>(deps.pool, CLAIM_DELIVERIES, values);
  const subjects = Map.groupBy(rows, (row) => subjectOf(connector, row));
  const results = (
    await Promise.all([...subjects.values()].map((same) => inTurn(deps, connector, same)))
  ).flat();
  const done = results.filter((result): result is Done => 'applied' in result);
  if (done.length > 0) await finish(deps, connector, done);
  for (const result of results) if ('state' in result) await defer(deps, result);
  return rows.length;
}

async function inTurn(
  deps: FlowDeps,
  connector: Connector,
  rows: DueDelivery[],
): Promise<(Done | Deferred)[]> {
  const results: (Done | Deferred)[] = [];
  for (const row of rows) results.push(await processRow(deps, connector, row));
  return results;
}

async function processRow(deps: FlowDeps, connector: Connector, row: DueDelivery): Promise<Done | Deferred> {
  try {
    const applied = await applyDelivery(deps, connector, row, traceOfReplay(deps, row));
    switch (applied.kind) {
      case 'applied':
      case 'ignored':
        return { row, applied };
      case 'parked':
        return parked(deps, row, applied.why);
      case 'set_aside':
        return { row, state: 'set_aside', type: 'webhook_unreadable', why: applied.why };
      default:
        return applied satisfies never;
    }
  } catch (error) {
    return failed(deps, row, error);
  }
}

/** It may have come before its payment; after a day it belongs to a payment that is not here. */
function parked(deps: FlowDeps, row: DueDelivery, why: string): Deferred {
  const waited = deps.world.now() - Date.parse(row.received_at);
  if (waited >= LIMITS.inbox.parkedMs)
    return { row, state: 'set_aside', type: 'webhook_without_payment', why };
  return { row, state: 'parked', dueInMs: backoffMs(row.tries), why };
}

/** While the database is away nobody's delivery is at fault; all else is given up after some tries. */
function failed(deps: FlowDeps, row: DueDelivery, error: unknown): Deferred {
  const { kind } = failureOf(error);
  deps.log.error(
    { err: error, inbox: row.id, provider: row.provider, tries: row.tries },
    'a delivery failed',
  );
  const poison = kind !== 'connection' && kind !== 'again' && row.tries >= LIMITS.inbox.failures;
  const why = `failed ${row.tries} times: ${error instanceof Error ? error.name : 'error'}; the log has the rest`;
  if (poison) return { row, state: 'set_aside', type: 'webhook_failing', why };
  return { row, state: 'received', dueInMs: backoffMs(row.tries), why };
}

/**
 * For the process that serves `/metrics`. Now and then: counting a long backlog takes as long as working on
 * some of it.
 */
export async function observeInbox(deps: FlowDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await Promise.all([observeDepth(deps), observeAccounts(deps)]).catch((error: unknown) =>
      deps.log.warn({ err: error }, 'the depth of the inbox could not be read'),
    );
    await deps.world.sleep(LIMITS.inbox.observeEveryMs, signal);
  }
}

export async function observeDepth(deps: FlowDeps): Promise<void> {
  const rows = await query<InboxDepth>(deps.pool, INBOX_DEPTH, [iso(deps.world.now())]);
  deps.metrics.inboxDepth.reset();
  deps.metrics.inboxOldestSeconds.reset();
  for (const { provider, state, count, oldest_seconds } of rows) {
    deps.metrics.inboxDepth.set({ provider, state }, count);
    deps.metrics.inboxOldestSeconds.set({ provider, state }, oldest_seconds);
  }
}

function backoffMs(tries: number): number {
  const { backoffMs: steps } = LIMITS.inbox;
  return steps[Math.min(tries, steps.length) - 1] ?? steps[0];
}
