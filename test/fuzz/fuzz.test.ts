import { expect, test } from 'vitest';
import { fuzzHttp } from './run-http.ts';
import { MINUTES, SEED, TIMEOUT_MS } from './settings.ts';

const RUNS = 50;

test('every operation of the API’s own description, and every address beside it, takes what is well-formed, refuses what is not, and never fails or tells a secret', {
  timeout: TIMEOUT_MS,
}, async () => {
  const until = performance.now() + MINUTES * 60_000;
  const again = () => performance.now() < until;
  const report = await fuzzHttp({ runs: RUNS, seed: SEED, again, say: console.log });
  const { operations, coverage, heapMiB, metricsBytes } = report;
  expect(operations.length).toBeGreaterThanOrEqual(35);
  const seen = operations.map(({ id }) => ({ id, sent: 0, accepted: 0, refused: 0, ...coverage.get(id) }));
  expect(idsOf(seen.filter(({ sent }) => sent < RUNS)), 'operations without enough requests').toEqual([]);
  const unreached = idsOf(seen.filter(({ accepted }) => accepted === 0));
  expect(unreached, 'operations that never took a request: teach KNOWN what they need').toEqual([]);
  expect(heapMiB.after - heapMiB.before, 'MiB that are held after it').toBeLessThan(64);
  expect(metricsBytes.after).toBeLessThan(metricsBytes.before * 1.5);
  if (MINUTES > 0) console.log(JSON.stringify({ seed: SEED, heapMiB, metricsBytes, seen }));
});

function idsOf(operations: { id: string }[]): string[] {
  return operations.map(({ id }) => id);
}
