import { expect, test } from 'vitest';
import { runChaos } from './chaos.ts';

test('whatever is killed under load, nothing acknowledged is lost, nothing is done twice, and all ends well', {
  timeout: 240_000,
}, async () => {
  const report = await runChaos({ kills: 4, seed: 20_260_901, webhooksLost: 0, say: () => undefined });
  // How long it took to be back is judged on a quiet machine: by `npm run test:chaos`.
  expect(report.findings).toEqual([]);
  expect(report.payments).toBeGreaterThan(20);
  expect(report.webhooksStored).toBeGreaterThan(20);
  expect(Object.values(report.kills).reduce((sum, n) => sum + n, 0)).toBe(4);
});
