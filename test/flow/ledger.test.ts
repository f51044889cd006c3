import { afterAll, beforeAll, expect, test } from 'vitest';
import { toUuid } from '../../src/core/ids.ts';
import { query } from '../../src/db/pool.ts';
import { takeCheckpoint } from '../../src/features/ledger/ledger.ts';
import { keepHouse } from '../../src/main.ts';
import { inProcessProvider } from '../support/in-process-provider.ts';
import {
  DETAILS,
  request,
  sale,
  type TestPlatform,
  testMerchant,
  testPlatform,
} from '../support/platform.ts';

type Balance = { account: string; currency: string; balance: number };
type TrialBalance = { balanced: boolean; accounts: Balance[] };

let t: TestPlatform;
beforeAll(async () => {
  t = await testPlatform();
});
afterAll(() => t.close());

async function trialBalance(at: string | null = null): Promise<TrialBalance> {
  return (await t.platform.ledger.trialBalance(t.principal, at)).body as TrialBalance;
}

function balanceOf({ accounts }: TrialBalance, account: string): number {
  return accounts.find((row) => row.account === account)?.balance ?? 0;
}

/** The horizon is the whole server's: transactions of other tests, in other databases, hold it back for a while. */
async function checkpoint(): Promise<void> {
  await expect.poll(() => takeCheckpoint(t.platform.deps, 1), { timeout: 20_000 }).toBe(true);
}

async function sell(key: string, more: object = {}): Promise<string> {
  const reply = await t.platform.payments.create(request(t, key, sale('tok_approve', more)));
  expect(reply.status).toBe(200);
  return (reply.body as { id: string }).id;
}

test('a balance is the same with a checkpoint as without, now and as of an earlier time', async () => {
  await sell('a');
  const { world } = t.platform.deps;
  const beforeMs = world.now();
  const before = new Date(beforeMs).toISOString();
  await expect.poll(() => world.now(), { interval: 1 }).toBeGreaterThan(beforeMs);
  await sell('b');
  const without = await trialBalance();
  const earlier = await trialBalance(before);
  await checkpoint();
  expect((await trialBalance()).accounts).toEqual(without.accounts);
  expect((await trialBalance(before)).accounts).toEqual(earlier.accounts);
  expect([balanceOf(earlier, 'sales'), balanceOf(without, 'sales')]).toEqual([4200, 8400]);

  await sell('c');
  const after = await trialBalance();
  expect([after.balanced, balanceOf(after, 'sales')]).toEqual([true, 12_600]);
});

test('a commit that was open while the checkpoint was taken is neither lost nor counted twice', async () => {
  const late = await t.platform.deps.pool.connect();
  const before = balanceOf(await trialBalance(), 'sales');
  try {
    await late.query('begin');
    await late.query('select pg_current_xact_id()');
    await sell('while open');
    await checkpoint();
    await late.query(
      `insert into journals (payment_id, event_id, currency, merchant_id, mode, rule, rule_version, accounts, amounts, recorded_at)
       select payment_id, gen_random_uuid(), currency, merchant_id, mode, rule, rule_version, accounts, amounts, recorded_at
       from journals where rule = 'capture_succeeded' limit 1`,
    );
    await late.query('commit');
  } finally {
    late.release();
  }
  expect(balanceOf(await trialBalance(), 'sales')).toBe(before + 2 * 4200);
  await takeCheckpoint(t.platform.deps, 0);
  expect(balanceOf(await trialBalance(), 'sales')).toBe(before + 2 * 4200);
});

test('journals of one account from several processes at once add up to the penny, with checkpoints taken meanwhile', async () => {
  const provider = () => inProcessProvider({ world: t.platform.deps.world, name: 'simulator' });
  const processes = await Promise.all([1, 2, 3].map(() => t.another(provider())));
  const before = await trialBalance();
  const sold: string[] = [];
  const caller = async (_: unknown, lane: number) => {
    const { payments } = processes[lane % 3] ?? t.platform;
    for (let n = 0; n < 8; n += 1) {
      const name = `lane ${lane}, ${n}`;
      const made = await payments.create(request(t, name, sale('tok_approve', { amount: 1000 + n })));
      const payment = (made.body as { id: string }).id;
      const refund = { payment, amount: 100 + lane, reason: null, metadata: {} };
      await payments.refund(request(t, `${name}!`, refund));
      sold.push(payment);
    }
  };
  const callers = Promise.all(Array.from({ length: 12 }, caller));
  let tries = 0;
  for (; sold.length < 96; tries += 1) await Promise.race([callers, takeCheckpoint(t.platform.deps, 1)]);
  await callers;
  // On a busy machine a call may be left to a worker that is not there: what the payments say is what counts.
  const made = await Promise.all(sold.map((id) => t.platform.payments.retrieve(t.principal, id)));
  const net = made
    .map(({ body }) => body as { amount_captured: number; amount_refunded: number })
    .reduce((sum, { amount_captured, amount_refunded }) => sum + amount_captured - amount_refunded, 0);
  const after = await trialBalance();
  const grown = (account: string) => balanceOf(after, account) - balanceOf(before, account);
  expect([after.balanced, grown('sales'), grown('provider_receivable:simulator')]).toEqual([true, net, net]);
  expect(net).toBeGreaterThan(50_000);
  expect(tries).toBeGreaterThan(1);
  await takeCheckpoint(t.platform.deps, 0);
  expect((await trialBalance()).accounts).toEqual(after.accounts);
});

test('sums beyond what a double holds are told to the penny, with a checkpoint as without', async () => {
  const { deps, ledger } = t.platform;
  const merchant = await testMerchant(t.platform);
  const most = Number.MAX_SAFE_INTEGER;
  for (const amount of [most, most, most - 2])
    await deps.pool.query(
      `insert into journals (payment_id, event_id, currency, merchant_id, mode, rule, rule_version, accounts, amounts, recorded_at)
       select payment_id, gen_random_uuid(), 'IDR', $1, mode, rule, rule_version,
         array['provider_receivable:simulator', 'sales'], array[$2::bigint, -$2::bigint], recorded_at
       from journals where rule = 'capture_succeeded' limit 1`,
      [toUuid(merchant.merchant), amount],
    );
  const answers = async () => [
    JSON.stringify((await ledger.trialBalance(merchant, null)).body),
    JSON.stringify((await ledger.accounts(merchant, null)).body),
  ];
  const without = await answers();
  expect(without[0]).toContain('"debits":27021597764222971,"credits":27021597764222971,"balanced":true');
  for (const text of without) expect(text).toContain('"balance":27021597764222971');
  await checkpoint();
  const data = (texts: string[]) => texts.map((text) => text.replace(/"as_of":"[^"]*"/, ''));
  expect(data(await answers())).toEqual(data(without));
});

test('what may identify a person is stored once, beside its event, and nowhere else', async () => {
  const id = await sell('private', {
    details: {
      ...DETAILS,
      description: 'for Ada Lovelace',
      customer: { id: null, name: 'Ada Lovelace', email: null },
    },
  });
  await t.platform.payments.refund(
    request(t, 'private refund', { payment: id, amount: 100, reason: 'Ada asked for it', metadata: {} }),
  );
  const rows = await query<{ version: number; data: string }>(t.platform.deps.pool, {
    name: 'privates_of_test',
    text: `select d.version, d.data from event_private d where d.data::text like '%Ada%' order by d.version`,
  });
  expect(rows.map((row) => row.version)).toEqual([1, 5]);
  const [leaks] = await query<{ n: number }>(t.platform.deps.pool, {
    name: 'leaks_of_test',
    text: `select count(*)::int as n from (select data::text as t from events union all select state::text from payments) x where t like '%Ada%'`,
  });
  expect(leaks?.n).toBe(0);
});

test('old balance checkpoints are thinned out to one an hour, and every balance stays what it was', async () => {
  const { deps } = t.platform;
  await sell('thin-1');
  await checkpoint();
  await sell('thin-2');
  await checkpoint();
  const before = await trialBalance();
  const count = async () => (await deps.pool.query('select horizon from balance_horizons')).rowCount ?? 0;
  const all = await count();
  await keepHouse({ pool: deps.pool, world: deps.world }, (error) => expect.unreachable(String(error)));
  expect(await count()).toBe(all);
  const later = { ...deps.world, now: () => deps.world.now() + 2 * 3600_000 };
  await keepHouse({ pool: deps.pool, world: later }, (error) => expect.unreachable(String(error)));
  expect(await count()).toBeLessThan(all);
  const left = await deps.pool.query(
    'select 1 from balance_checkpoints where horizon not in (select horizon from balance_horizons)',
  );
  expect(left.rowCount).toBe(0);
  expect((await trialBalance()).accounts).toEqual(before.accounts);
});
