/** A World whose clock is virtual, whose chance is the seed's, and whose waits are the scheduler's. */

import type { Connections, World } from '../../src/ops/world.ts';
import type { Random } from '../support/random.ts';
import type { Owner } from './owner.ts';
import type { Scheduler } from './scheduler.ts';

export function simulatedWorld(
  scheduler: Scheduler,
  owner: Owner,
  random: Random,
  connect: (origin: string) => Connections,
): World {
  return {
    now: scheduler.now,
    monotonic: scheduler.now,
    randomBytes: (length) => Uint8Array.from({ length }, () => random.between(0, 255)),
    sleep: (ms, signal) => scheduler.sleep(owner, ms, signal),
    defer: (fn) => void scheduler.step(owner, 'defer', fn),
    connect,
  };
}
