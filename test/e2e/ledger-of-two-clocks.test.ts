import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLedger } from '../../src/features/ledger/ledger.ts';
import { request, sale, type TestPlatform, testPlatform } from '../support/platform.ts';

let t: TestPlatform;
beforeAll(async () => {
  t = await testPlatform();
});
afterAll(() => t.close());

type TrialBalance = { accounts: { account: string; balance: number }[] };

test('the balance of now holds what another process has recorded by a clock that is ahead', async () => {
  const { pool, world } = t.platform.deps;
  await t.platform.payments.create(request(t, 'sale', sale('tok_approve')));
  const behind = createLedger({ pool, world: { ...world, now: () => world.now() - 5_000 } });
  expect(await receivable(behind, null)).toBe(4200);
  expect(await receivable(behind, new Date(world.now() - 5_000).toISOString())).toBe(0);
});

async function receivable(ledger: ReturnType<typeof createLedger>, at: string | null): Promise<number> {
  const { body } = await ledger.trialBalance(t.principal, at);
  const { accounts } = body as TrialBalance;
  return accounts.find((a) => a.account === 'provider_receivable:simulator')?.balance ?? 0;
}
