/** Starts the lives of a seed: which workload each is, when it begins, and how its merchant is. */

import type { Principal } from '../../src/features/payments/types.ts';
import { type Habits, type Merchant, pause } from './merchants.ts';
import { createModel } from './model.ts';
import { randomOf } from './scheduler.ts';
import type { Simulation } from './simulation.ts';
import { CHALLENGES } from './workloads/challenges.ts';
import type { Workload } from './workloads/lives.ts';
import { RESERVATIONS } from './workloads/reservations.ts';
import { SALES } from './workloads/sales.ts';

/** One line each. */
const WORKLOADS: readonly Workload[] = [SALES, RESERVATIONS, CHALLENGES];

export type LivesOptions = {
  days: number;
  count: number;
  only: ReadonlySet<number> | null;
  principal: Principal;
};

/** `over`: all of them have come to their end. */
export function startLives(simulation: Simulation, options: LivesOptions): { over(): boolean } {
  const { seed, scheduler, disturbed } = simulation;
  const all = WORKLOADS.flatMap((each) => Array.from({ length: each.weight }, () => each));
  const random = randomOf(seed, 'lives');
  const bursts = Array.from({ length: random.between(1, 3) }, () =>
    random.between(0, options.days * 86_400_000),
  );
  const spreadMs = random.pick([500, 5_000, 60_000]);
  const model = createModel((payment) => disturbed.has(payment));
  const shared = { simulation, principal: options.principal, habits: habitsOf(seed), model };
  let left = 0;
  for (let number = 0; number < options.count; number += 1) {
    if (options.only !== null && !options.only.has(number)) continue;
    const own = randomOf(seed, 'life', number);
    const merchant: Merchant = { ...shared, number, random: own, asked: 0 };
    const beginsInMs = own.pick(bursts) + own.between(0, spreadMs);
    left += 1;
    void pause(merchant, beginsInMs)
      .then(() => own.pick(all).live(merchant))
      .then(() => {
        left -= 1;
        scheduler.note(simulation.world, `life ${number} is over`);
      });
  }
  return { over: () => left === 0 };
}

function habitsOf(seed: number): Habits {
  const random = randomOf(seed, 'habits');
  return {
    doubleClick: random.pick([0, 5, 30]),
    giveUp: random.pick([0, 10, 40]),
    newKey: random.pick([0, 50]),
    concurrent: random.pick([0, 10, 40]),
    askAgain: random.pick([0, 3, 20]),
  };
}
