/**
 * `truepenny api`, with a provider inside the process in the place of the simulator. Everything else is on as
 * in production. Argument: the longest delay of an answer in milliseconds; each is a random part of it.
 */

import { createServer } from '../../src/http/server.ts';
import { createPlatform } from '../../src/main.ts';
import { readConfig } from '../../src/ops/config.ts';
import { letHeapGrow } from '../../src/ops/heap.ts';
import { realWorld } from '../../src/ops/world.ts';
import { inProcessProvider } from '../support/in-process-provider.ts';

letHeapGrow();
const longestMs = Number(process.argv[2] ?? 0);
const config = readConfig(process.env);
const latency = longestMs > 0 ? { latencyMs: { min: 0, max: longestMs } } : {};
const connector = inProcessProvider({ world: realWorld(), ...latency });
const platform = await createPlatform(config, {
  name: 'api',
  databaseUrl: config.databaseUrl ?? '',
  connector,
});
const server = await createServer({ ...platform.deps, ...platform, config });
await server.listen({ host: '127.0.0.1', port: config.port });
process.once('SIGTERM', async () => {
  await server.close();
  await platform.close();
});
