/** `truepenny worker`: time-driven work, balance checkpoints and digests, until it is told to stop. */

import { runNotifications } from '../features/notifications/run.ts';
import { runStream } from '../features/stream/run.ts';
import { runDigester } from '../features/verify/digest.ts';
import { runInbox } from '../features/webhooks/process.ts';
import { runReplays } from '../features/webhooks/run-replays.ts';
import { runSynchronizer } from '../features/webhooks/synchronize.ts';
import { warnOfMissingAccounts } from '../flow/accounts.ts';
import { runWorker } from '../flow/schedule.ts';
import { createMonitor } from '../http/monitor.ts';
import { createPlatform, type Platform, runCheckpoints, runClock, runHousekeeping } from '../main.ts';
import { letHeapGrow } from '../ops/heap.ts';
import { attachDatabase, configuration, portProblem, refuseUnsafe, untilStopped } from './context.ts';

export async function run(): Promise<number> {
  letHeapGrow();
  const config = configuration();
  const signal = untilStopped();
  const database = await attachDatabase(config);
  await refuseUnsafe(database.url, config);
  const platform = await createPlatform(config, { name: 'worker', databaseUrl: database.url });
  const { deps } = platform;
  const monitor = await monitored(platform, config.workerPort);
  platform.log.info('the worker is ready');
  void warnOfMissingAccounts(deps);
  const digests = {
    pool: deps.pool,
    world: deps.world,
    log: deps.log,
    folder: `${config.dataDir}/digests`,
    key: deps.chainKey,
  };
  await Promise.all([
    runWorker(deps, signal),
    runNotifications(platform.notifying, signal),
    platform.sink && runStream(deps, platform.sink, signal),
    runInbox(deps, signal),
    runReplays(deps, signal),
    runSynchronizer(deps, platform.inbox, signal),
    runCheckpoints(platform, signal),
    runClock(platform, signal),
    runHousekeeping(platform, signal),
    runDigester(digests, signal),
  ]);
  await monitor?.close();
  await platform.close();
  await database.stop?.();
  return 0;
}

async function monitored({ deps, ready, close }: Platform, port: number | null) {
  if (port === null) return null;
  const monitor = await createMonitor({ ready, metrics: deps.metrics });
  try {
    await monitor.listen({ host: '127.0.0.1', port });
  } catch (error) {
    await close();
    throw portProblem(error, port, 'TRUEPENNY_WORKER_PORT');
  }
  return monitor;
}
