/** A short run of the simulation: other seeds each day, those that failed once, and the proof that a seed is a history. */

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBench } from './bench.ts';
import { broken, CANARIES } from './canaries.ts';
import { KEPT } from './kept.ts';
import { commandOf } from './replay.ts';
import { runSeed } from './seed.ts';
import { optionsOf, type WorkOrder } from './work.ts';

let bench: Awaited<ReturnType<typeof openBench>>;
beforeAll(async () => {
  bench = await openBench();
}, 120_000);
afterAll(() => bench?.close());

const ORDER = {
  days: 2,
  lives: 20,
  without: [],
  only: null,
  onlyLives: null,
  provider: null,
  sessions: false,
};
const SECONDS = 30;

function orderOf(order: { seed: number } & Partial<WorkOrder>): WorkOrder {
  return { ...ORDER, explain: true, shrink: false, ...order };
}

/** Printed when it fails: the command that brings it back, and the story of the payment. */
async function held(order: WorkOrder): Promise<void> {
  const { findings, story } = await runSeed(bench, optionsOf(order));
  expect(findings, `${commandOf(order)}\n${story}`).toEqual([]);
}

test('the same seed is the same history, with every fault that it has', { timeout: 120_000 }, async () => {
  const order = orderOf({ seed: 12 });
  const first = await runSeed(bench, optionsOf(order));
  await runSeed(bench, optionsOf(orderOf({ seed: 13 })));
  const again = await runSeed(bench, optionsOf(order));
  expect(first.fired.length).toBeGreaterThan(20);
  expect([again.hash, again.steps, again.fired]).toEqual([first.hash, first.steps, first.fired]);
});

test.each(KEPT)('seed $seed holds, which once found that $found', { timeout: 120_000 }, async (kept) => {
  const { found: _, ...order } = kept;
  await held(orderOf(order));
});

test('the seeds of the day hold', { timeout: 300_000 }, async () => {
  const day = Math.floor(Date.now() / 86_400_000);
  const end = performance.now() + SECONDS * 1000;
  let seed = day * 1000;
  while (performance.now() < end) {
    await held(orderOf({ seed }));
    seed += 1;
  }
  console.info(`simulated the seeds ${day * 1000} to ${seed - 1}`);
  expect(seed).toBeGreaterThan(day * 1000);
});

describe('canaries', () => {
  test.each(CANARIES)('$name still has its place', (canary) => {
    const text = readFileSync(new URL(`../../${canary.file}`, import.meta.url), 'utf8');
    expect(broken(canary, text)).not.toBe(text);
  });
});
