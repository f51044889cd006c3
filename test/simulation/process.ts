/**
 * A process of the platform: its code as it runs in production, put together over the seams. A process that crashes
 * is never heard of again; another takes its name, on the same database.
 */

import { fundsOf } from '../../src/db/merchants.ts';
import type { Pool } from '../../src/db/pool.ts';
import { takeCheckpoint } from '../../src/features/ledger/ledger.ts';
import { fanOut } from '../../src/features/notifications/fan-out.ts';
import { startDue } from '../../src/features/notifications/run.ts';
import type { Sender } from '../../src/features/notifications/send.ts';
import { createPayments } from '../../src/features/payments/payments.ts';
import type { Payments } from '../../src/features/payments/types.ts';
import { processOnce } from '../../src/features/webhooks/process.ts';
import { createInbox, type Inbox } from '../../src/features/webhooks/receive.ts';
import { synchronizeOnce } from '../../src/features/webhooks/synchronize.ts';
import { createCommitter } from '../../src/flow/commit.ts';
import { type FlowDeps, readerOf } from '../../src/flow/deps.ts';
import { startDue as startTimed } from '../../src/flow/schedule.ts';
import { createStreams } from '../../src/flow/streams.ts';
import { createProblems } from '../../src/http/problems.ts';
import type { Log } from '../../src/ops/log.ts';
import type { Metrics } from '../../src/ops/metrics.ts';
import type { World } from '../../src/ops/world.ts';
import type { Owner } from './owner.ts';
import type { SimulatedProvider } from './providers.ts';
import type { Scheduler } from './scheduler.ts';

export const CHAIN_KEY = Buffer.alloc(32, 7);
/** Of merchants' endpoints. */
export const ENDPOINT_SECRET = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
const PUBLIC_URL = 'http://api.simulation';

export type Process = { owner: Owner; deps: FlowDeps; payments: Payments; inbox: Inbox };

export type ProcessParts = {
  owner: Owner;
  world: World;
  pool: Pool;
  commitPool: Pool;
  log: Log;
  metrics: Metrics;
  provided: SimulatedProvider;
  /** Payments that commits under way may change. */
  committing: Set<string>;
};

export function startProcess(parts: ProcessParts): Process {
  const { owner, world, pool, log, metrics } = parts;
  const committer = createCommitter({ pool: parts.commitPool, world, log, metrics });
  const deps: FlowDeps = {
    pool,
    committer: {
      commit: (item) => {
        const { stream } = item;
        if (stream !== null) parts.committing.add(stream);
        return committer.commit(item).finally(() => stream !== null && parts.committing.delete(stream));
      },
    },
    streams: createStreams(),
    accounts: parts.provided.accounts(world),
    world,
    log,
    metrics,
    chainKey: CHAIN_KEY,
    publicUrl: PUBLIC_URL,
  };
  const problem = createProblems(PUBLIC_URL);
  return {
    owner,
    deps,
    payments: createPayments({ ...deps, inProgress: new Map(), problem, fundsOf: fundsOf(pool) }),
    inbox: createInbox({
      ...deps,
      webhookSecrets: new Map([[`${parts.provided.name}/default`, [parts.provided.secret]]]),
    }),
  };
}

export type Pace = { syncEveryMs: number; checkpointEveryMs: number };

/** The worker's loops, as `cli/worker.ts` runs them; that nothing is due is known without asking every 200 ms. */
export function startWorkers(
  { owner, deps, inbox }: Process,
  scheduler: Scheduler,
  sender: Sender,
  pace: Pace,
): void {
  const [account] = deps.accounts.values();
  const connector = account ? readerOf(deps, account.provider, account.account) : null;
  if (connector === null) throw new Error('no provider is configured');
  const notifying = {
    ...deps,
    allowPrivate: true,
    problem: createProblems(PUBLIC_URL),
  };
  const underWay: Parameters<typeof startDue>[2] = new Set();
  const timed: Parameters<typeof startTimed>[1] = new Set();
  const loop = (kind: string, once: () => Promise<number>) => void follow(scheduler, owner, kind, once);
  loop('schedule', () => startTimed(deps, timed));
  loop('inbox', () => processOnce(deps, connector));
  loop('fan_out', async () => (await fanOut(notifying)).events);
  loop('deliveries', async () => {
    const started = await startDue(notifying, sender, underWay);
    await Promise.all([...underWay].map(({ done }) => done));
    return started;
  });
  const synchronize = () => synchronizeOnce(deps, inbox, connector);
  void first(scheduler, owner, synchronize).then(() =>
    repeat(scheduler, owner, pace.syncEveryMs, synchronize),
  );
  void repeat(scheduler, owner, pace.checkpointEveryMs, () => takeCheckpoint(deps, 1));
}

const POLL_MS = 200;
const MINUTE_MS = 60_000;
const POLL_MAX_MS = 3600_000;

/** What is due and cannot be had, since another has it, is asked for less and less often. */
async function follow(
  scheduler: Scheduler,
  owner: Owner,
  kind: string,
  once: () => Promise<number>,
): Promise<void> {
  for (let idleMs = 0; owner.alive; ) {
    await scheduler.poll(owner, kind, scheduler.now() + idleMs);
    const did = await once().catch(() => 0);
    idleMs = did > 0 ? 0 : Math.min(POLL_MAX_MS, Math.max(POLL_MS, idleMs * 2));
  }
}

/** At once and each minute, as the worker does, until it is kept where a new account begins. */
async function first(scheduler: Scheduler, owner: Owner, once: () => Promise<unknown>): Promise<void> {
  for (let done = false; owner.alive && !done; ) {
    done = await once().then(
      () => true,
      () => false,
    );
    if (!done) await scheduler.sleep(owner, MINUTE_MS);
  }
}

async function repeat(
  scheduler: Scheduler,
  owner: Owner,
  everyMs: number,
  once: () => Promise<unknown>,
): Promise<void> {
  while (owner.alive) {
    await scheduler.sleep(owner, everyMs);
    await once().catch(() => null);
  }
}
