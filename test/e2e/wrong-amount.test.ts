import { expect, test } from 'vitest';
import { endToEnd } from '../support/e2e.ts';

const t = endToEnd({ apis: 1 });

type Exceptions = { data: { payment: string; type: string; expected: number; actual: number }[] };

test('a sale for more than was asked is recorded as the provider says and left to a person', async () => {
  const { body } = await t.api.sale('tok_wrong_amount');
  expect(body).toMatchObject({
    status: 'captured',
    amount_captured: 4201,
    exceptions: [{ type: 'amount_mismatch' }],
  });
  await expectException(body.id, 4200, 4201);
  expect(await t.provider.calls(body.id)).toHaveLength(1);
});

test('a reservation for more than was asked is kept, and left to a person', async () => {
  const { body } = await t.api.reserve('tok_wrong_amount');
  expect(body).toMatchObject({ status: 'authorized', amount_authorized: 4201 });
  await expectException(body.id, 4200, 4201);
});

test('a capture of more than was asked is recorded as the provider says and left to a person', async () => {
  const { id } = (await t.api.reserve('tok_approve')).body;
  await t.provider.arm({ operation: 'capture', fault: 'wrong_amount', reference: id });
  const { body } = await t.api.capture(id, { amount: 1000, final: false });
  expect(body).toMatchObject({ amount_captured: 1001, amount_capturable: 3199 });
  await expectException(id, 1000, 1001);
});

test('a capture beyond what was authorised is recorded as the provider says and left to a person', async () => {
  const { id } = (await t.api.reserve('tok_approve')).body;
  await t.provider.arm({ operation: 'capture', fault: 'wrong_amount', reference: id });
  expect((await t.api.capture(id)).body).toMatchObject({
    status: 'captured',
    amount_captured: 4201,
    amount_capturable: 0,
  });
  await expectException(id, 4200, 4201);
});

test.each([500, 4200])(
  'a refund of %i that gave back more is recorded as the provider says and left to a person',
  async (amount) => {
    const { id } = (await t.api.sale('tok_approve')).body;
    await t.provider.arm({ operation: 'refund', fault: 'wrong_amount', reference: id });
    await t.api.refund(id, amount);
    expect(await t.api.payment(id)).toMatchObject({ amount_refunded: amount + 1 });
    await expectException(id, amount, amount + 1);
  },
);

async function expectException(payment: string, expected: number, actual: number): Promise<void> {
  const { body } = await t.api.get<Exceptions>('/v1/exceptions?limit=100');
  const own = body.data.filter((exception) => exception.payment === payment);
  expect(own).toMatchObject([{ type: 'amount_mismatch', expected, actual }]);
}
