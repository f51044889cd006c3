/** What the provider tells by itself: signed webhooks, on a way on which they are lost, doubled, late and spoilt. */

import type { Charge, Move } from '../../src/simulator/books.ts';
import type { Letter, Letters } from '../../src/simulator/webhooks/letters.ts';
import { plainLetters } from '../../src/simulator/webhooks/plain.ts';
import type { Random } from '../support/random.ts';
import type { Finding } from './evidence.ts';
import type { Provider } from './provider.ts';
import { randomOf } from './scheduler.ts';
import type { Simulation } from './simulation.ts';
import { inTime } from './waiting.ts';

type Deps = Simulation & { random: Random };

const RETRY_MS = [1_000, 5_000, 30_000, 120_000, 600_000, 3_600_000];
const TIMEOUT_MS = 10_000;

/** Sends what has happened since the last call; gives the moves. */
export function createPostman(simulation: Simulation): () => Move[] {
  const deps = { ...simulation, random: randomOf(simulation.seed, 'post') };
  let told = 0;
  return () => {
    const { books } = deps.provider;
    if (books.moves.length === told) return [];
    const moves = books.moves.slice(told);
    for (const [i, move] of moves.entries()) post(deps, move, told + i);
    told += moves.length;
    return moves;
  };
}

function post(deps: Deps, move: Move, number: number): void {
  const { provider } = deps;
  const charge = provider.books.charges.get(move.charge);
  if (charge === undefined) throw new Error(`a move of no charge: ${move.charge}`);
  for (const letter of lettersOf(provider, charge).of({ move, charge, number }, provider.sim))
    mail(deps, letter, charge);
}

/** The provider's own words for what happened: one letter, several, or none. */
function mail(deps: Deps, letter: Letter, charge: Charge): void {
  const { faults, random, provided } = deps;
  const copies = faults.hits('webhook_doubled') ? 2 : 1;
  for (let copy = 0; copy < copies; copy += 1) {
    // Who lists nothing tries until it is taken: that is all that brings it here.
    if (provided.lists && faults.hits('webhook_lost')) continue;
    const late = faults.hits('webhook_late') ? faults.draw().between(10_000, 2 * 86_400_000) : 0;
    const swapped = faults.hits('webhook_swapped') ? faults.draw().between(100, 5_000) : 0;
    void deliver(deps, letter, charge, random.between(0, 300) + late + swapped);
  }
}

async function deliver(deps: Deps, letter: Letter, charge: Charge, delayMs: number): Promise<void> {
  const { scheduler, world, faults } = deps;
  await scheduler.sleep(world, delayMs);
  for (let tries = 0; ; tries += 1) {
    const corrupted = faults.hits('webhook_corrupted');
    const taken = await deliverOnce(deps, letter, charge, corrupted);
    if (taken && corrupted) deps.findings.push(forged(letter.id));
    if (taken) return;
    await scheduler.sleep(world, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] ?? 0);
  }
}

function forged(id: string): Finding {
  const what = `the webhook ${id} was taken with a wrong signature`;
  return { invariant: 'nothing-vanishes', payment: null, what };
}

async function deliverOnce(deps: Deps, letter: Letter, charge: Charge, corrupted: boolean): Promise<boolean> {
  const { scheduler, world, processes, random, provider, provided, acknowledged } = deps;
  if (processes.length === 0) return false;
  const process = random.pick(processes);
  const keeper = { books: provider.books, journal: provider.sim.journal };
  const letters = lettersOf(provider, charge);
  const { headers, body } = letters.seal(provided.secret, letter, scheduler.now(), corrupted, keeper);
  const receiving = process.inbox.receive(provided.name, 'default', {
    headers,
    body: Buffer.from(body),
  });
  const received = await inTime(
    scheduler,
    world,
    TIMEOUT_MS,
    receiving.catch(() => null),
  );
  const taken = received?.kind === 'stored' || received?.kind === 'repeated';
  if (taken) acknowledged.set(letter.id, body);
  return taken;
}

function lettersOf({ sim }: Provider, { dialect }: Charge): Letters {
  return sim.dialects.get(dialect ?? '')?.letters ?? plainLetters;
}
