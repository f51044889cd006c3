/** The story of a payment as `truepenny explain` tells it, for whoever looks at a failing seed. */

import { linesOf } from '../../src/cli/explain.ts';
import type { Principal } from '../../src/features/payments/types.ts';
import { realWorld } from '../../src/ops/world.ts';
import { startProcess } from './process.ts';
import type { Simulation } from './simulation.ts';

export async function storyOf(
  { bench, provided }: Simulation,
  principal: Principal,
  payment: string,
): Promise<string> {
  const { pool, commitPool } = bench.server;
  const owner = { name: 'story', alive: true, pausedUntilMs: 0 };
  const parts = {
    owner,
    provided,
    world: realWorld(),
    pool,
    commitPool,
    log: bench.log,
    metrics: bench.metrics,
  };
  const process = startProcess({ ...parts, committing: new Set() });
  const reply = await process.payments.explain(principal, payment);
  if (reply.status !== 200) return `There is no story: nobody knows ${payment}.`;
  return linesOf(reply.body as Parameters<typeof linesOf>[0]).join('\n');
}
