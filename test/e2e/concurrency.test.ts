import { expect, test } from 'vitest';
import type { Answer } from '../support/client.ts';
import { endToEnd } from '../support/e2e.ts';

const t = endToEnd();

test('a hundred captures at once from two processes never take more than was authorised', async () => {
  const { id } = (await t.api.reserve('tok_approve', { amount: 1000 })).body;
  const answers = await together(100, (api) => api.capture(id, { amount: 70, final: false }));
  const taken = answers.filter((answer) => answer.status === 200).length;
  expect(taken).toBe(14);
  expect(codes(answers)).not.toContain('internal_error');
  const [charge, ...others] = await t.provider.charges(id);
  expect(others).toEqual([]);
  expect(charge).toMatchObject({ captured: 980, authorized: 1000 });
  expect(await t.settled(id)).toMatchObject({ amount_captured: 980, amount_capturable: 20 });
});

test('a hundred refunds at once from two processes never give back more than was captured', async () => {
  const { id } = (await t.api.sale('tok_approve', { amount: 1000 })).body;
  const answers = await together(100, (api) => api.refund(id, 70));
  const given = answers.filter((answer) => answer.status === 200).length;
  expect(given).toBe(14);
  expect(codes(answers)).not.toContain('internal_error');
  expect(await t.provider.charges(id)).toMatchObject([{ captured: 1000, refunded: 980 }]);
  expect(await t.settled(id)).toMatchObject({ amount_captured: 1000, amount_refunded: 980 });
});

test('captures and refunds at once on one payment stay within each other', async () => {
  const { id } = (await t.api.reserve('tok_approve', { amount: 1000 })).body;
  await t.api.capture(id, { amount: 300, final: false });
  await together(100, (api, n) =>
    n % 2 === 0 ? api.capture(id, { amount: 30, final: false }) : api.refund(id, 50),
  );
  const done = await t.settled(id);
  const [charge] = await t.provider.charges(id);
  expect(charge).toMatchObject({ captured: done.amount_captured, refunded: done.amount_refunded });
  expect(done.amount_captured).toBeLessThanOrEqual(1000);
  expect(done.amount_refunded).toBeLessThanOrEqual(done.amount_captured);
  expect(done.amount_captured).toBeGreaterThan(300);
});

test('two captures of all of one authorisation at once take the money once', async () => {
  for (let round = 0; round < 10; round++) {
    const { id } = (await t.api.reserve('tok_approve')).body;
    const both = await Promise.all([t.api.capture(id), t.otherApi.capture(id)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await t.provider.charges(id)).toMatchObject([{ captured: 4200, captures: [{ amount: 4200 }] }]);
  }
});

test('a void and a capture at once end as one of the two', async () => {
  for (let round = 0; round < 10; round++) {
    const { id } = (await t.api.reserve('tok_approve')).body;
    const [voided, captured] = await Promise.all([t.api.void(id), t.otherApi.capture(id)]);
    expect([voided.status, captured.status].filter((status) => status === 200)).toHaveLength(1);
    const [charge] = await t.provider.charges(id);
    expect(charge?.captured).toBe(captured.status === 200 ? 4200 : 0);
    expect(charge?.voided).toBe(voided.status === 200 ? 4200 : 0);
  }
});

test('two confirmations at once with two cards charge one of them', async () => {
  for (let round = 0; round < 10; round++) {
    const { id } = (await t.api.post('/v1/payments', { amount: 4200, currency: 'EUR' })).body;
    await Promise.all([t.api.confirm(id, 'tok_approve'), t.otherApi.confirm(id, 'tok_approve')]);
    expect(await t.provider.charges(id)).toMatchObject([{ captured: 4200 }]);
  }
});

/** Every request with a key of its own; those told to come again do so with the same key. */
function together(
  count: number,
  send: (api: typeof t.api, n: number) => Promise<Answer<unknown>>,
): Promise<Answer<unknown>[]> {
  return Promise.all(Array.from({ length: count }, (_, n) => send(n % 2 === 0 ? t.api : t.otherApi, n)));
}

function codes(answers: Answer<unknown>[]): string[] {
  return answers.map((answer) => (answer.body as { code?: string }).code ?? '');
}
