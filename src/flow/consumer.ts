/**
 * Follows the event table for somebody outside the database: each batch is taken under a lease, handed on, and the
 * place moves once it has arrived. At least once, in the order of each payment; one worker at a time, any number of
 * them ready. Where the receiver is a table, its statement does the same without a lease (features/notifications).
 */

import { query } from '../db/pool.ts';
import {
  ADOPT_CONSUMER,
  ADVANCE_CONSUMER,
  CLAIM_EVENTS,
  CONSUMER_LAG,
  type ConsumedRow,
  type ConsumerLag,
  DELAY_CONSUMER,
  REGISTER_CONSUMER,
} from '../db/statements/consumers.ts';
import { LIMITS } from '../ops/limits.ts';
import { type FlowDeps, iso } from './deps.ts';

export type ConsumerDeps = Pick<FlowDeps, 'pool' | 'world' | 'log'>;

export type Consumer = {
  /** Its place is kept under this name; a new name begins with the first event. */
  name: string;
  /**
   * Resolves once all of them are where they should go, for good; rejects when that cannot be said. They come again
   * then. Must settle before the lease ends.
   */
  handOn(events: readonly ConsumedRow[]): Promise<void>;
};

const { batch, batchBytes, leaseMs, pollMs, backoffMs, adoptEveryMs, observeEveryMs } = LIMITS.consumers;

/** Runs until the signal aborts; the batch under way then is finished first. */
export async function runConsumer(
  deps: ConsumerDeps,
  consumer: Consumer,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all([
    repeat(deps, consumer, signal, adoptEveryMs, () => register(deps, consumer)),
    repeat(deps, consumer, signal, pollMs, () => consumeOnce(deps, consumer)),
  ]);
}

/** Again at once while it gives something, else after the wait. */
async function repeat(
  { world, log }: ConsumerDeps,
  { name }: Consumer,
  signal: AbortSignal,
  waitMs: number,
  once: () => Promise<number>,
): Promise<void> {
  while (!signal.aborted) {
    const did = await once().catch((error: unknown) => {
      log.warn({ err: error, consumer: name }, 'an event consumer was interrupted; it goes on');
      return 0;
    });
    if (did === 0) await world.sleep(waitMs, signal);
  }
}

/** Makes the consumer's place, or moves it to the present of a database that was restored elsewhere. */
export async function register({ pool, log }: ConsumerDeps, { name }: Consumer): Promise<0> {
  await query(pool, REGISTER_CONSUMER, [name]);
  const adopted = await query(pool, ADOPT_CONSUMER, [name]);
  if (adopted.length > 0)
    log.error(
      { consumer: name },
      'the database was restored elsewhere: the consumer begins anew at the present, and misses what was open',
    );
  return 0;
}

/** Hands on one batch; gives how many events arrived. 0: nothing is new, another is at it, or it failed and waits. */
export async function consumeOnce(deps: ConsumerDeps, consumer: Consumer): Promise<number> {
  const now = deps.world.now();
  const values = [consumer.name, batch, iso(now), iso(now + leaseMs), batchBytes];
  const events = await query<ConsumedRow>(deps.pool, CLAIM_EVENTS, values);
  const last = events.at(-1);
  if (!last) return 0;
  try {
    await consumer.handOn(events);
  } catch (error) {
    await delay(deps, consumer, last, error);
    return 0;
  }
  const moved = await query(deps.pool, ADVANCE_CONSUMER, [
    consumer.name,
    last.fence,
    last.xid,
    last.position,
  ]);
  if (moved.length > 0) return events.length;
  deps.log.warn({ consumer: consumer.name }, 'a batch outlived its lease: another worker sends it again');
  return 0;
}

async function delay(
  { pool, world, log }: ConsumerDeps,
  { name }: Consumer,
  { fence, tries }: ConsumedRow,
  error: unknown,
): Promise<void> {
  const waitMs = backoffMs[Math.min(tries, backoffMs.length - 1)] ?? 0;
  log.warn(
    { err: error, consumer: name, tries: tries + 1, wait_ms: waitMs },
    'events could not be handed on; they are tried again',
  );
  await query(pool, DELAY_CONSUMER, [name, fence, iso(world.now() + waitMs)]);
}

/** For the process that serves `/metrics`: how far behind the consumers of these names are. */
export async function observeConsumers(
  deps: ConsumerDeps & Pick<FlowDeps, 'metrics'>,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await observeOnce(deps, names).catch((error: unknown) =>
      deps.log.warn({ err: error }, 'the lag of the event consumers could not be read'),
    );
    await deps.world.sleep(observeEveryMs, signal);
  }
}

export async function observeOnce(
  { pool, world, metrics }: Pick<FlowDeps, 'pool' | 'world' | 'metrics'>,
  names: readonly string[],
): Promise<void> {
  const rows = await query<ConsumerLag>(pool, CONSUMER_LAG, [names, iso(world.now())]);
  for (const { name, tries, lag_seconds } of rows) {
    metrics.consumerLagSeconds.set({ consumer: name }, lag_seconds);
    metrics.consumerFailures.set({ consumer: name }, tries);
  }
}
