/** What somebody does at the provider without us, and what banks do afterwards. */

import type { Move } from '../../src/simulator/books.ts';
import type { FaultKind } from './faults.ts';
import type { Simulation } from './simulation.ts';

type Act = { kind: FaultKind; on: Move['type']; path: string; body(move: Move): object };

const ACTS: readonly Act[] = [
  { kind: 'refund_returned', on: 'refund.succeeded', path: 'return', body: (m) => ({ refund: m.movement }) },
  { kind: 'capture_reversed', on: 'charge.captured', path: 'reverse', body: (m) => ({ amount: m.amount }) },
  { kind: 'unrequested_refund', on: 'charge.captured', path: 'refund', body: () => ({ amount: 1 }) },
  { kind: 'unrequested_capture', on: 'charge.authorized', path: 'capture', body: () => ({ amount: 1 }) },
  { kind: 'early_expiry', on: 'charge.authorized', path: 'expire', body: () => ({}) },
];

/** Each of them may follow a move of its kind, minutes or days later. */
export function createInterference(simulation: Simulation): (moves: readonly Move[]) => void {
  const { faults, provider, disturbed } = simulation;
  return (moves) => {
    for (const { charge } of moves) {
      const { excess = 0, reference = '' } = provider.books.charges.get(charge) ?? {};
      if (excess > 0) disturbed.add(reference);
    }
    for (const move of moves)
      for (const act of ACTS)
        if (act.on === move.type && faults.hits(act.kind))
          void perform(simulation, act, move, faults.draw().between(1_000, 86_400_000));
  };
}

async function perform(
  { scheduler, provider, world, disturbed }: Simulation,
  act: Act,
  move: Move,
  inMs: number,
): Promise<void> {
  await scheduler.sleep(world, inMs);
  const { reference } = provider.books.charges.get(move.charge) ?? {};
  if (reference !== undefined) disturbed.add(reference);
  await scheduler.step(world, `dashboard ${act.path}`, () =>
    provider.handle({
      method: 'POST',
      url: `/charges/${move.charge}/${act.path}`,
      headers: {},
      body: JSON.stringify(act.body(move)),
    }),
  );
}
