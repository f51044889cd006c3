/** The provider has moved the money, and what was to follow here fails. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { workOnce } from '../../src/flow/schedule.ts';
import { committing, paymentsOf } from '../support/committer.ts';
import { request, sale, type TestPlatform, testPlatform } from '../support/platform.ts';
import { type Provider, providerAt } from '../support/provider.ts';

let t: TestPlatform;
let provider: Provider;
beforeAll(async () => {
  t = await testPlatform();
  provider = providerAt(t.simulatorUrl);
});
afterAll(() => t.close());

type Paid = { id: string; status: string; amount_captured: number; amount_refunded: number };

async function shown(id: string): Promise<Paid> {
  return (await t.platform.payments.retrieve(t.principal, id)).body as Paid;
}

async function called(reference: string): Promise<string> {
  const none = { cursor: null, status: null, currency: null, created_from: null, created_to: null };
  const { body } = await t.platform.payments.list(t.principal, { limit: 1, reference, ...none });
  return (body as { data: Paid[] }).data[0]?.id ?? '';
}

/** A worker some time later: the lease of whoever failed has run out. */
async function workLater(ms: number): Promise<void> {
  const { deps } = t.platform;
  while ((await workOnce({ ...deps, world: { ...deps.world, now: () => deps.world.now() + ms } })) > 0);
}

test('a failure after success never undoes the success: the sale is recorded later, and nothing is given back', async () => {
  const reference = 'sale';
  // The intent is written; that the provider has taken the money is not.
  const deps = committing(t.platform.deps, (item, number, pass) =>
    number === 1 ? pass(item) : Promise.reject(new TypeError('broken')),
  );
  await expect(
    paymentsOf(deps).create(request(t, 'k', sale('tok_approve', { reference }))),
  ).rejects.toThrow();
  const id = await called(reference);
  expect(await provider.charges(id)).toMatchObject([{ captured: 4200 }]);
  expect(await shown(id)).toMatchObject({ status: 'processing', amount_captured: 0 });

  await workLater(30_000);
  expect(await shown(id)).toMatchObject({ status: 'captured', amount_captured: 4200, amount_refunded: 0 });
  const again = await t.platform.payments.create(request(t, 'k', sale('tok_approve', { reference })));
  expect([again.status, JSON.parse(String(again.body))]).toEqual([200, await shown(id)]);
  await workLater(24 * 3600_000);
  expect(await provider.charges(id)).toMatchObject([{ captured: 4200, refunded: 0, voided: 0 }]);
  expect((await provider.calls(id)).map(({ operation }) => operation)).toEqual(['authorize']);
});

test('a failure after success never undoes the success: a refund is recorded later, and not made again', async () => {
  const { body } = await t.platform.payments.create(request(t, 'r', sale('tok_approve')));
  const { id } = body as Paid;
  const deps = committing(t.platform.deps, (item, number, pass) =>
    number === 1 ? pass(item) : Promise.reject(new TypeError('broken')),
  );
  const refund = { payment: id, amount: 1500, reason: null, metadata: {} };
  await expect(paymentsOf(deps).refund(request(t, 'r!', refund))).rejects.toThrow();
  expect(await provider.charges(id)).toMatchObject([{ refunded: 1500 }]);

  await workLater(30_000);
  expect(await shown(id)).toMatchObject({ status: 'captured', amount_captured: 4200, amount_refunded: 1500 });
  expect((await t.platform.payments.refund(request(t, 'r!', refund))).status).toBe(200);
  expect(await provider.charges(id)).toMatchObject([{ refunded: 1500, refunds: [{ amount: 1500 }] }]);
});
