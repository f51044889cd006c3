import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { request, sale, type TestPlatform, testPlatform } from '../support/platform.ts';

let t: TestPlatform;
let intruder: pg.Client;
beforeAll(async () => {
  t = await testPlatform();
  intruder = new pg.Client({ connectionString: t.databaseUrl });
  await intruder.connect();
  const { status } = await t.platform.payments.create(request(t, 'sale', sale('tok_approve')));
  expect(status).toBe(200);
});
afterAll(async () => {
  await intruder.end();
  await t.close();
});

/** The database holds the invariants by itself: not even a program with a bug can store what breaks them. */
test.each([
  ['journals-balance', `update journals set amounts[1] = amounts[1] + 1`],
  ['journals_check', `update journals set accounts = accounts || array['sales']`],
  ['capture-within-authorization', `update payments set amount_captured = amount_authorized + 1`],
  ['refund-within-capture', `update payments set amount_refunded = amount_captured + 1`],
  ['positive_minor_units_check', `update payments set amount = 0`],
  ['minor_units_check', `update payments set amount_reversed = -1`],
  ['payment_status_check', `update payments set status = 'paid'`],
  ['provider_references_pkey', `insert into provider_references select * from provider_references`],
  ['idempotency_keys_pkey', `insert into idempotency_keys select * from idempotency_keys`],
  ['idempotency_keys_check', `update idempotency_keys set answer = null`],
])('the database refuses what breaks %s', async (constraint, sql) => {
  await expect(intruder.query(sql)).rejects.toMatchObject({
    code: expect.stringMatching(/^23/),
    constraint: expect.stringContaining(constraint),
  });
});
