/** Merchants' own servers, which are told what happened to their payments. */

import type { Sender } from '../../src/features/notifications/send.ts';
import { randomOf } from './scheduler.ts';
import type { Simulation } from './simulation.ts';

export function createEndpoints({ scheduler, faults, seed, world }: Simulation): Sender {
  const random = randomOf(seed, 'endpoints');
  let downUntilMs = 0;
  return {
    async send() {
      await scheduler.sleep(world, random.between(1, 300));
      if (faults.hits('endpoint_down'))
        downUntilMs = scheduler.now() + faults.draw().between(1_000, 86_400_000);
      const isUp = scheduler.now() >= downUntilMs;
      return { httpStatus: isUp ? 204 : 503, response: '', error: null };
    },
    close: async () => undefined,
  };
}
