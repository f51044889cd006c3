/** `truepenny api`: serves HTTP until it is told to stop; then finishes what is under way. */

import { observeInbox } from '../features/webhooks/process.ts';
import { warnOfMissingAccounts } from '../flow/accounts.ts';
import { observeConsumers } from '../flow/consumer.ts';
import { createServer } from '../http/server.ts';
import { createPlatform, runClock } from '../main.ts';
import { letHeapGrow } from '../ops/heap.ts';
import {
  aborted,
  attachDatabase,
  configuration,
  portProblem,
  refuseUnsafe,
  untilStopped,
} from './context.ts';

export async function run(): Promise<number> {
  letHeapGrow();
  const config = configuration();
  const signal = untilStopped();
  const database = await attachDatabase(config);
  await refuseUnsafe(database.url, config);
  const platform = await createPlatform(config, { name: 'api', databaseUrl: database.url });
  const { deps, log } = platform;
  const server = await createServer({ ...platform.deps, ...platform, config });
  try {
    await server.listen({ host: '127.0.0.1', port: config.port });
  } catch (error) {
    await platform.close();
    throw portProblem(error, config.port, 'TRUEPENNY_PORT');
  }
  log.info({ port: config.port }, 'the API is ready');
  void warnOfMissingAccounts(deps);
  void runClock(platform, signal);
  void observeInbox(deps, signal);
  void observeConsumers(deps, ['merchant_webhooks', ...(platform.sink ? [platform.sink.name] : [])], signal);
  await aborted(signal);
  log.info('the API finishes what is under way');
  await server.close();
  await platform.close();
  await database.stop?.();
  return 0;
}
