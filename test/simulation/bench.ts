/** What all seeds of one worker share. */

import { createLog } from '../../src/ops/log.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { temporaryFolder } from '../support/folder.ts';
import { startServer } from './cluster.ts';
import type { Oracle } from './evidence.ts';
import { ACKNOWLEDGED_IS_DURABLE } from './oracles/acknowledged-is-durable.ts';
import { AUDITED } from './oracles/audited.ts';
import { BOOKS_AGREE } from './oracles/books-agree.ts';
import { verified } from './oracles/ledger-follows-events.ts';
import { NOTHING_VANISHES } from './oracles/nothing-vanishes.ts';
import { ONE_KEY_ONE_EFFECT } from './oracles/one-key-one-effect.ts';
import { ONE_LIVE_ATTEMPT } from './oracles/one-live-attempt.ts';
import type { Bench } from './simulation.ts';

/** One line each. */
function oracles(digestFolder: string): Oracle[] {
  return [
    AUDITED,
    ONE_LIVE_ATTEMPT,
    ONE_KEY_ONE_EFFECT,
    ACKNOWLEDGED_IS_DURABLE,
    NOTHING_VANISHES,
    BOOKS_AGREE,
    verified(digestFolder),
  ];
}

export async function openBench(): Promise<Bench & { close(): Promise<void> }> {
  const folder = await temporaryFolder('simulation');
  const server = await startServer();
  return {
    server,
    log: createLog({ name: 'simulation', level: process.env['SIMULATION_LOG'] ?? 'silent' }),
    metrics: createMetrics(),
    oracles: oracles(folder.path),
    close: async () => {
      await server.stop();
      await folder.remove();
    },
  };
}
