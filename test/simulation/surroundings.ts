/** All that moves without us: time at the provider, its webhooks, its dashboard, and the banks. */

import { createInterference } from './dashboard.ts';
import type { Simulation } from './simulation.ts';
import { createPostman } from './webhooks.ts';

export function createSurroundings(simulation: Simulation): { look(): void } {
  const { scheduler, provider, world } = simulation;
  const post = createPostman(simulation);
  const interfere = createInterference(simulation);
  void age();
  return { look };

  function look(): void {
    const moves = post();
    if (moves.length > 0) interfere(moves);
  }

  async function age(): Promise<void> {
    for (;;) {
      await scheduler.poll(world, 'provider', 0);
      await scheduler.step(world, 'provider ages', () => provider.settle());
    }
  }
}
