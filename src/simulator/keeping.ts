/** The books kept: as time leaves them, and each change into memory and the journal at once. */

import type { Charge } from './books.ts';
import { popDue } from './due.ts';
import { apply, type Row } from './rows.ts';
import type { Simulator } from './simulator.ts';
import { catchUp } from './time.ts';

const MOST_SETTLED = 10_000;

/** The charge as time has left it, its change journalled. */
export function fresh(sim: Simulator, charge: Charge | undefined): Charge | null {
  if (charge === undefined) return null;
  if (catchUp(charge, sim.moment(charge.dialect))) record(sim, { charge });
  return charge;
}

/** Every charge as time has left it, a bounded number at once: the rest is due still. */
export function settleDue(sim: Simulator): void {
  const { now } = sim.moment();
  for (let n = 0; n < MOST_SETTLED; n += 1) {
    const due = popDue(sim.books.due, now);
    if (due === null) return;
    fresh(sim, sim.books.charges.get(due));
  }
}

/** Into the books and the journal, with all that happened since the last row: one line, whole or not at all. */
export function record(sim: Simulator, row: Row): void {
  if (sim.untold.length === 0) return commit(sim, row);
  const moves = sim.untold;
  sim.untold = [];
  commit(sim, { ...row, moves });
  sim.outbox.wake();
}

function commit(sim: Simulator, row: Row): void {
  apply(sim.books, row);
  sim.journal.append(row);
}

/**
 * Refusals and fired faults are kept under their keys too, and moves: these are bounded beside the charges. What a
 * dialect keeps counts as half a charge each: a sale at Stripe was measured at 5.4 KB, with two things and its answer.
 */
export function isFull(sim: Simulator): boolean {
  const { charges, byKey, fired, moves, shelf } = sim.books;
  const weight = charges.size + (shelf.things.size + shelf.answers.size) / 2;
  return weight >= sim.maxCharges || Math.max(byKey.size, fired.size, moves.length / 2) >= 4 * sim.maxCharges;
}
