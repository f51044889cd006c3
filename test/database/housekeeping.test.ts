import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, type Pool, query } from '../../src/db/pool.ts';
import { FORGET_KEYS } from '../../src/db/statements/housekeeping.ts';
import { request, sale, type TestPlatform, testPlatform } from '../support/platform.ts';

let t: TestPlatform;
let pool: Pool;
beforeAll(async () => {
  t = await testPlatform();
  pool = createPool(t.databaseUrl, { name: 'test' });
});
afterAll(async () => {
  await pool.end();
  await t.close();
});

const DAY_MS = 86_400_000;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();

test('a key is kept for its time from when it was answered, and one that was never answered for good', async () => {
  for (const key of ['young', 'answered late', 'old', 'never answered'])
    await t.platform.payments.create(request(t, key, sale('tok_approve')));
  const date = `update idempotency_keys set created_at = $2, completed_at = $3 where key = $1`;
  await pool.query(date, ['young', ago(29), ago(29)]);
  await pool.query(date, ['answered late', ago(40), ago(2)]);
  await pool.query(date, ['old', ago(31), ago(31)]);
  await pool.query(
    `update idempotency_keys set created_at = $1, completed_at = null, answer = null, answer_status = null
      where key = 'never answered'`,
    [ago(90)],
  );
  await query(pool, FORGET_KEYS, [ago(30), 100]);
  const { rows } = await pool.query<{ key: string }>('select key from idempotency_keys order by key');
  expect(rows.map(({ key }) => key)).toEqual(['answered late', 'never answered', 'young']);
});
