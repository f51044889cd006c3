import { afterAll, beforeAll, expect, test } from 'vitest';
import { request, sale, type TestPlatform, testPlatform } from '../support/platform.ts';

const WAITING = `select count(*)::int as n from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock' and query like '%commit_payments%'`;

let t: TestPlatform;
beforeAll(async () => {
  t = await testPlatform();
});
afterAll(() => t.close());

test('a payment does not wait for the commit of another: the two are on their way at the same time', async () => {
  const { pool } = t.platform.deps;
  const waiting = async () => (await pool.query<{ n: number }>(WAITING)).rows[0]?.n;
  const sell = (key: string) => t.platform.payments.create(request(t, key, sale('tok_approve')));
  const held = await pool.connect();
  try {
    await held.query('begin');
    await held.query('lock table events in exclusive mode');
    const first = sell('one');
    await expect.poll(waiting, { timeout: 20_000, interval: 5 }).toBe(1);
    const second = sell('two');
    await expect.poll(waiting, { timeout: 20_000, interval: 5 }).toBe(2);
    await held.query('rollback');
    expect((await Promise.all([first, second])).map(({ status }) => status)).toEqual([200, 200]);
  } finally {
    held.release(true);
  }
});
