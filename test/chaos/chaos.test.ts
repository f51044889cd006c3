import { expect, test } from 'vitest';
import { runChaos } from './chaos.ts';

test('whatever is killed under load, nothing acknowledged is lost, nothing is done twice, and all ends well', {
  timeout: 240_000,
}, async () => {
  const report = await runChaos({ rounds: 5, seed: 20_260_901, say: () => undefined });
  expect(report.findings).toEqual([]);
  expect(report.payments).toBeGreaterThan(20);
  expect(Object.values(report.kills).reduce((sum, n) => sum + n, 0)).toBeGreaterThanOrEqual(5);
});
