/** `truepenny worker`: time-driven work, balance checkpoints and digests, until it is told to stop. */

import { runNotifications } from '../features/notifications/run.ts';
import { runStream } from '../features/stream/run.ts';
import { runDigester } from '../features/verify/digest.ts';
import { runInbox } from '../features/webhooks/process.ts';
import { runSynchronizer } from '../features/webhooks/synchronize.ts';
import { runWorker } from '../flow/schedule.ts';
import { createPlatform, runCheckpoints, runHousekeeping } from '../main.ts';
import { attachDatabase, configuration, refuseUnsafe, untilStopped } from './context.ts';

export async function run(): Promise<number> {
  const config = configuration();
  const signal = untilStopped();
  const database = await attachDatabase(config);
  await refuseUnsafe(database.url, config);
  const platform = await createPlatform(config, { name: 'worker', databaseUrl: database.url });
  platform.log.info('the worker is ready');
  const { deps } = platform;
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
    runSynchronizer(deps, platform.inbox, signal),
    runCheckpoints(platform, signal),
    runHousekeeping(platform, signal),
    runDigester(digests, signal),
  ]);
  await platform.close();
  await database.stop?.();
  return 0;
}
