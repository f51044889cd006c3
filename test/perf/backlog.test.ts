import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Environment, startEnvironment } from './environment.ts';
import { BACKLOG_ENV, measureBacklog } from './measure-backlog.ts';

let environment: Environment;
beforeAll(async () => {
  environment = await startEnvironment({ say: () => undefined, profileDir: null, env: BACKLOG_ENV });
});
afterAll(() => environment.close());

test('a backlog is worked off while payments are taken: every delivery is applied, and no sale fails', async () => {
  const api = await environment.startApi('simulator');
  const target = { port: api.port, secretKey: environment.secretKey };
  const result = await measureBacklog(environment, target, {
    deliveries: 1_000,
    perSecond: 20,
    quietSeconds: 1,
  });
  await api.stop();
  expect(result.results).toEqual({ applied: 1_000 });
  const loads = [result.before, result.during, result.after];
  expect(loads.map((load) => load.firstError)).toEqual([null, null, null]);
  expect(result.during.payments).toBeGreaterThan(0);
  expect(result.drainedPerSecond).toBeGreaterThan(0);
  // Each refund of a penny was told twice, under two names: five for each of the hundred payments.
  const text = `select count(*)::int as refunds from events where type = 'refund_succeeded'`;
  expect((await environment.pool.query(text)).rows).toEqual([{ refunds: 500 }]);
}, 120_000);
