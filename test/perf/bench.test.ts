import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Environment, startEnvironment } from './environment.ts';
import { measureProvider } from './measure.ts';
import { measurePauses } from './pauses.ts';
import { describe } from './report.ts';
import { judge } from './targets.ts';

const silent = () => undefined;

let environment: Environment;
beforeAll(async () => {
  environment = await startEnvironment({ say: silent, profileDir: null });
});
afterAll(() => environment.close());

test('the benchmark takes payments in both ways, counts what they cost, and finds nothing wrong', async () => {
  const measured = await measureProvider(environment, 'instant', {
    seconds: 0.5,
    warmUpSeconds: 0.2,
    concurrencies: [1, 8],
    flows: ['sale', 'manual'],
  });
  const { rows, half, reference } = measured;
  expect(rows.map((row) => [row.flow, row.concurrency])).toEqual([
    ['sale', 1],
    ['sale', 8],
    ['manual', 1],
    ['manual', 8],
  ]);
  expect([...rows.map((row) => row.load), half].map((load) => load.firstError)).toEqual(Array(5).fill(null));
  for (const { load, ratio } of rows) {
    expect(load.perSecond).toBeGreaterThan(0);
    expect(load.p99Ms).toBeGreaterThanOrEqual(load.p50Ms);
    expect(ratio).toBeCloseTo(load.perSecond / reference.best);
  }
  expect(half.payments).toBeGreaterThan(0);
  expect(describe(measured)).toContain('provider: instant');
});

test('one at a time a sale is two statements: its intent, and its outcome', async () => {
  const { rows } = await measureProvider(environment, 'instant', {
    seconds: 1,
    warmUpSeconds: 0.2,
    concurrencies: [1],
    flows: ['sale'],
  });
  const { statementsPerPayment = 0, load } = rows[0] ?? {};
  const made = load?.payments ?? 0;
  expect(statementsPerPayment).toBeGreaterThanOrEqual(1.9);
  // The worker's own run beside them, so many a second however few sales a busy machine makes.
  expect(statementsPerPayment * made).toBeLessThan(2 * made + 100);
});

test('a target that is missed is told', () => {
  const load = { payments: 1, seconds: 1, perSecond: 10, p50Ms: 1, p99Ms: 60, errors: 1, firstError: '500' };
  const row = { flow: 'sale' as const, load, ratio: 0.1, cpuMs: null, statementsPerPayment: 2 };
  const verdicts = judge([
    {
      provider: 'instant',
      reference: { pools: {}, best: 100, pairsInSeries: 100 },
      rows: [
        { ...row, concurrency: 1 },
        { ...row, concurrency: 64 },
      ],
      half: load,
      slowest: [],
    },
  ]);
  expect(verdicts).toHaveLength(4);
  expect(verdicts.filter((verdict) => verdict.met)).toEqual([]);
});

test('what a pause costs is measured on sales that are made whole', async () => {
  const { backToBackMs, afterPauseMs } = await measurePauses(100);
  expect(backToBackMs).toBeGreaterThan(0);
  expect(afterPauseMs).toBeGreaterThan(0);
});
