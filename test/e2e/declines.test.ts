import { expect, test } from 'vitest';
import { DECLINE_REASONS, declineRule } from '../../src/core/declines.ts';
import { endToEnd } from '../support/e2e.ts';

const t = endToEnd({ apis: 1 });

test.each(DECLINE_REASONS)(
  'a card declined as %s is no error, has its category, and another card may pay',
  async (reason) => {
    const declined = await t.api.sale(`tok_decline_${reason}`);
    expect(declined.status).toBe(200);
    expect(declined.body).toMatchObject({
      status: 'requires_payment_method',
      amount_authorized: 0,
      latest_attempt: {
        number: 1,
        outcome: 'declined',
        decline: { reason, category: declineRule(reason).category },
      },
    });
    const paid = await t.api.confirm(declined.body.id, 'tok_approve');
    expect(paid).toMatchObject({ status: 200, body: { status: 'captured', latest_attempt: { number: 2 } } });
    const charges = await t.provider.charges(declined.body.id);
    expect(charges.map((charge) => charge.captured)).toEqual([0, 4200]);
  },
);

test('a decline with a code that no table knows is counted, with the code kept', async () => {
  const before = await unmappedDeclines();
  const declined = await t.api.sale('tok_decline_unmapped');
  expect(declined.body.latest_attempt?.decline).toMatchObject({
    reason: 'unmapped',
    category: 'unmapped',
    raw_code: 'Q9',
  });
  expect(await unmappedDeclines()).toBe(before + 1);
});

test('the same card is not tried again by confirming without another one', async () => {
  const declined = await t.api.sale('tok_decline_lost_card');
  const again = await t.api.post(`/v1/payments/${declined.body.id}/confirm`, {});
  expect(again.body).toMatchObject({ code: 'payment_method_missing' });
  expect(await t.provider.charges(declined.body.id)).toHaveLength(1);
});

test.each(['capture', 'refund'] as const)(
  'a %s that the provider declines moves nothing and may be tried anew',
  async (operation) => {
    const { id } = (
      await (operation === 'capture' ? t.api.reserve('tok_approve') : t.api.sale('tok_approve'))
    ).body;
    await t.provider.arm({ operation, fault: 'declined', reference: id });
    const act = () => (operation === 'capture' ? t.api.capture(id) : t.api.refund(id));
    const declined = await act();
    if (operation === 'capture')
      expect(declined.body).toMatchObject({ code: 'capture_refused', raw_code: '05' });
    else expect(declined.body).toMatchObject({ status: 'failed' });
    expect((await act()).status).toBe(200);
    const done = await t.api.payment(id);
    expect(operation === 'capture' ? done.amount_captured : done.amount_refunded).toBe(4200);
  },
);

async function unmappedDeclines(): Promise<number> {
  const text = await (await fetch(`${t.deployment.apis[0]?.url}/metrics`)).text();
  const line = text.match(/^\S*unmapped\S*\{[^}]*\} (\d+)$/m);
  return Number(line?.[1] ?? 0);
}
