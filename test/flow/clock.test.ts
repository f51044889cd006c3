/** Leases and due times are on the database's clock, whatever becomes of this machine's. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { observeAccounts, synchronizeOnce } from '../../src/features/webhooks/synchronize.ts';
import { type FlowDeps, readerOf } from '../../src/flow/deps.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { providerAt } from '../support/provider.ts';

let t: TestPlatform;
beforeAll(async () => {
  t = await testPlatform();
});
afterAll(() => t.close());

async function databaseNowMs(): Promise<number> {
  const { rows } = await t.platform.deps.pool.query<{ ms: number }>(
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms',
  );
  return rows[0]?.ms ?? Number.NaN;
}

async function metric(name: string): Promise<number | undefined> {
  const metrics = await t.platform.deps.metrics.registry.getMetricsAsJSON();
  return metrics.find((one) => one.name === name)?.values[0]?.value;
}

test('a machine whose clock is put back an hour is back on the database’s within a reading, and says how far off it is', async () => {
  const { world } = t.platform.deps;
  const real = Date.now.bind(Date);
  const machine = vi.spyOn(Date, 'now').mockImplementation(() => real() - 3_600_000);
  try {
    expect(Math.abs(world.now() - (await databaseNowMs()))).toBeGreaterThan(3_000_000);
    await t.platform.setClock();
    expect(Math.abs(world.now() - (await databaseNowMs()))).toBeLessThan(1_000);
    expect(await metric('truepenny_clock_offset_seconds')).toBeCloseTo(3_600, -1);
    expect(await metric('truepenny_clock_read_timestamp_seconds')).toBeCloseTo(real() / 1000, -1);
  } finally {
    machine.mockRestore();
    await t.platform.setClock();
  }
});

test('an account that could not be read for a while is told by its age', async () => {
  const { deps } = t.platform;
  const at = (ms: number): FlowDeps => ({
    ...deps,
    world: { ...deps.world, now: () => deps.world.now() + ms },
  });
  const connector = readerOf(deps, 'simulator', 'default');
  if (!connector) throw new Error('no simulator');
  const read = (ms: number) => synchronizeOnce(at(ms), t.platform.inbox, connector);
  const age = async (ms: number) => {
    await observeAccounts(at(ms));
    return metric('truepenny_provider_account_read_age_seconds');
  };
  await read(0);
  expect(await age(1_000)).toBeCloseTo(1, 0);
  await providerAt(t.simulatorUrl).outage('down');
  await read(900_000);
  expect(await age(900_000)).toBeCloseTo(900, 0);
  await providerAt(t.simulatorUrl).outage('up');
  await read(1_800_000);
  expect(await age(1_800_000)).toBeCloseTo(0, 0);
});
