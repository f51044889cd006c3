/** What the provider tells by itself: signed webhooks, on a way on which they are lost, doubled, late and spoilt. */

import type { Move } from '../../src/simulator/books.ts';
import { moveView } from '../../src/simulator/view.ts';
import { signatureOf } from '../../src/simulator/webhooks/sign.ts';
import type { Random } from '../support/random.ts';
import type { Finding } from './evidence.ts';
import { WEBHOOK_SECRET } from './process.ts';
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
    const moves = books.moves.slice(told);
    for (const [i, move] of moves.entries()) post(deps, move, told + i);
    told += moves.length;
    return moves;
  };
}

function post(deps: Deps, move: Move, number: number): void {
  const { faults, random, provider } = deps;
  const charge = provider.books.charges.get(move.charge);
  if (charge === undefined) throw new Error(`a move of no charge: ${move.charge}`);
  const view = moveView(move, charge, number);
  const body = JSON.stringify(view);
  const copies = faults.hits('webhook_doubled') ? 2 : 1;
  for (let copy = 0; copy < copies; copy += 1) {
    if (faults.hits('webhook_lost')) continue;
    const late = faults.hits('webhook_late') ? faults.draw().between(10_000, 2 * 86_400_000) : 0;
    const swapped = faults.hits('webhook_swapped') ? faults.draw().between(100, 5_000) : 0;
    void deliver(deps, view.id, body, random.between(0, 300) + late + swapped);
  }
}

async function deliver(deps: Deps, id: string, body: string, delayMs: number): Promise<void> {
  const { scheduler, world, faults } = deps;
  await scheduler.sleep(world, delayMs);
  for (let tries = 0; ; tries += 1) {
    const corrupted = faults.hits('webhook_corrupted');
    const taken = await deliverOnce(deps, id, body, corrupted);
    if (taken && corrupted) deps.findings.push(forged(id));
    if (taken) {
      deps.acknowledged.add(id);
      return;
    }
    await scheduler.sleep(world, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] ?? 0);
  }
}

function forged(id: string): Finding {
  const what = `the webhook ${id} was taken with a wrong signature`;
  return { invariant: 'nothing-vanishes', payment: null, what };
}

async function deliverOnce(deps: Deps, id: string, body: string, corrupted: boolean): Promise<boolean> {
  const { scheduler, world, processes, random } = deps;
  const seconds = Math.floor(scheduler.now() / 1000);
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatureOf(WEBHOOK_SECRET, id, seconds, corrupted ? `${body} ` : body),
  };
  if (processes.length === 0) return false;
  const process = random.pick(processes);
  const receiving = process.inbox.receive('simulator', 'default', { headers, body: Buffer.from(body) });
  const received = await inTime(
    scheduler,
    world,
    TIMEOUT_MS,
    receiving.catch(() => null),
  );
  return received?.kind === 'stored' || received?.kind === 'repeated';
}
