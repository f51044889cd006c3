/** What somebody does at the provider without us, and what banks do afterwards. */

import type { Charge, Move } from '../../src/simulator/books.ts';
import type { Random } from '../support/random.ts';
import type { FaultKind } from './faults.ts';
import type { SimulatedProvider } from './providers.ts';
import { randomOf } from './scheduler.ts';
import type { Simulation } from './simulation.ts';

type Act = { path: string; body: object };
/** `act` is decided on when its time has come: `charge` is as it stands then. */
type Interference = {
  kind: FaultKind;
  on: Move['type'];
  act(move: Move, random: Random, charge: Charge, provided: SimulatedProvider): Act;
};

const INTERFERENCES: readonly Interference[] = [
  {
    kind: 'refund_returned',
    on: 'refund.succeeded',
    act: (m) => ({ path: 'return', body: { refund: m.movement } }),
  },
  {
    kind: 'capture_reversed',
    on: 'charge.captured',
    act: (m, _, { captured }, { reversesWhole }) => ({
      path: 'reverse',
      body: { amount: reversesWhole ? captured : m.amount },
    }),
  },
  {
    kind: 'unrequested_refund',
    on: 'charge.captured',
    act: () => ({ path: 'refund', body: { amount: 1 } }),
  },
  {
    kind: 'unrequested_capture',
    on: 'charge.authorized',
    act: () => ({ path: 'capture', body: { amount: 1 } }),
  },
  { kind: 'sale_voided', on: 'charge.captured', act: () => ({ path: 'void', body: {} }) },
  { kind: 'early_expiry', on: 'charge.authorized', act: () => ({ path: 'expire', body: {} }) },
  { kind: 'inquiry', on: 'charge.captured', act: (m, random) => dispute(m, random, true) },
  { kind: 'chargeback', on: 'charge.captured', act: (m, random) => dispute(m, random, false) },
];

const DAY_MS = 86_400_000;

/** Each of them may follow a move of its kind, minutes or days later; and a dispute that was opened goes on. */
export function createInterference(simulation: Simulation): (moves: readonly Move[]) => void {
  const { faults, provider, provided, disturbed, seed } = simulation;
  const courts = randomOf(seed, 'disputes');
  return (moves) => {
    for (const { charge } of moves) {
      const { excess = 0, reference = '' } = provider.books.charges.get(charge) ?? {};
      if (excess > 0) disturbed.add(reference);
    }
    for (const move of moves) {
      for (const { kind, on, act } of INTERFERENCES)
        if (on === move.type && !provided.never.includes(kind) && faults.hits(kind))
          void perform(simulation, move, faults.draw(), DAY_MS, act);
      const next = afterDispute(move, courts);
      if (next !== null) void perform(simulation, move, courts, 20 * DAY_MS, () => next);
    }
  };
}

function dispute({ amount }: Move, random: Random, inquiry: boolean): Act {
  const part = random.chance(0.5) ? amount : random.between(1, amount);
  return { path: 'dispute', body: { amount: part, inquiry } };
}

/** An inquiry is closed or becomes a chargeback, a chargeback is won or lost, and some are left as they are. */
function afterDispute({ type, movement }: Move, random: Random): Act | null {
  if (type !== 'dispute.inquiry' && type !== 'dispute.opened') return null;
  const path = random.pick(
    type === 'dispute.inquiry' ? ['win', 'escalate', 'escalate', null] : ['win', 'win', 'lose', 'lose', null],
  );
  return path === null ? null : { path, body: { dispute: movement } };
}

async function perform(
  { scheduler, provider, provided, world, disturbed }: Simulation,
  move: Move,
  random: Random,
  withinMs: number,
  act: Interference['act'],
): Promise<void> {
  await scheduler.sleep(world, random.between(1_000, withinMs));
  const charge = provider.books.charges.get(move.charge);
  if (charge === undefined) return;
  disturbed.add(charge.reference);
  const { path, body } = act(move, random, charge, provided);
  await scheduler.step(world, `dashboard ${path}`, () =>
    provider.handle({
      method: 'POST',
      url: `/charges/${move.charge}/${path}`,
      headers: {},
      body: JSON.stringify(body),
    }),
  );
}
