import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, type Pool } from '../../src/db/pool.ts';
import { CLAIM_DELIVERIES, FINISH_IN_ORDER } from '../../src/db/statements/notifications.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await testDatabase();
  pool = createPool(database.url, { name: 'test' });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Plans are made while the tables are empty, and kept. */
test.each([
  ['what is due', CLAIM_DELIVERIES],
  ['what waits behind a delivery', FINISH_IN_ORDER],
])('%s is found by the payment, not in all that an endpoint was ever sent', async (_, { text }) => {
  const { rows }: pg.QueryResult<{ 'QUERY PLAN': string }> = await pool.query(
    `explain (generic_plan) ${text}`,
  );
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('deliveries_in_order');
  expect(plan).not.toContain('deliveries_by_endpoint');
});
