import { describe, expect, test } from 'vitest';
import { endToEnd } from '../support/e2e.ts';

const t = endToEnd({ apis: 1 });
const INVALID = { code: 'invalid_request' };

describe('the life of a payment', () => {
  test('a sale is captured at once, and a part of it is given back', async () => {
    const paid = await t.api.sale('tok_approve', { reference: 'order-1001', metadata: { k: 'v' } });
    expect(paid.status).toBe(200);
    expect(paid.body).toMatchObject({ status: 'captured', amount_captured: 4200, amount_capturable: 0 });
    const refund = await t.api.refund(paid.body.id, 500);
    expect(refund).toMatchObject({ status: 200, body: { status: 'succeeded', amount: 500 } });
    expect(await t.api.payment(paid.body.id)).toMatchObject({ status: 'captured', amount_refunded: 500 });
    const [charge, ...others] = await t.provider.charges(paid.body.id);
    expect(others).toEqual([]);
    expect(charge).toMatchObject({
      currency: 'EUR',
      authorized: 4200,
      captured: 4200,
      refunded: 500,
      voided: 0,
    });
  });

  test('what the merchant says of a refund is given back with it', async () => {
    const { id } = (await t.api.sale('tok_approve')).body;
    const said = { reason: 'came back broken', metadata: { parcel: '17' } };
    const made = await t.api.post<{ id: string }>('/v1/refunds', { payment: id, amount: 5, ...said });
    expect(made.body).toMatchObject(said);
    expect((await t.api.get(`/v1/refunds/${made.body.id}`)).body).toMatchObject(said);
    const silent = await t.api.refund(id, 5);
    expect(silent.body).toMatchObject({ reason: null, metadata: {} });
  });

  test('a reservation is captured in two parts, and the final one releases the rest', async () => {
    const { id } = (await t.api.reserve('tok_approve')).body;
    const part = await t.api.capture(id, { amount: 1000, final: false });
    expect(part.body).toMatchObject({
      status: 'partially_captured',
      amount_captured: 1000,
      amount_capturable: 3200,
    });
    const rest = await t.api.capture(id, { amount: 2000 });
    expect(rest.body).toMatchObject({ status: 'captured', amount_captured: 3000, amount_capturable: 0 });
    const [charge] = await t.provider.charges(id);
    expect(charge).toMatchObject({ authorized: 4200, captured: 3000, voided: 1200 });
    expect(charge?.captures.map((capture) => capture.amount)).toEqual([1000, 2000]);
    expect((await t.api.capture(id, { amount: 1 })).body).toMatchObject({ code: 'payment_not_capturable' });
  });

  test('a reservation that is voided releases all of it and takes nothing', async () => {
    const { id } = (await t.api.reserve('tok_approve')).body;
    const voided = await t.api.void(id);
    expect(voided).toMatchObject({ status: 200, body: { status: 'voided', amount_capturable: 0 } });
    expect(await t.provider.charges(id)).toMatchObject([{ authorized: 4200, captured: 0, voided: 4200 }]);
    expect((await t.api.capture(id)).body).toMatchObject({ code: 'payment_not_capturable' });
  });

  test('what a first shipment leaves is released by a void, and the shipment stays paid', async () => {
    const { id } = (await t.api.reserve('tok_approve')).body;
    await t.api.capture(id, { amount: 1000, final: false });
    const voided = await t.api.void(id);
    expect(voided).toMatchObject({
      status: 200,
      body: { status: 'captured', amount_captured: 1000, amount_capturable: 0 },
    });
    expect(await t.provider.charges(id)).toMatchObject([{ authorized: 4200, captured: 1000, voided: 3200 }]);
    expect((await t.api.capture(id)).body).toMatchObject({ code: 'payment_not_capturable' });
    expect((await t.api.void(id)).body).toMatchObject({ code: 'payment_already_captured' });
    expect((await t.api.refund(id, 1000)).status).toBe(200);
  });

  test('a payment that is created first and confirmed later is charged at the confirmation', async () => {
    const created = await t.api.post('/v1/payments', { amount: 900, currency: 'USD' });
    expect(created.body.status).toBe('requires_payment_method');
    expect(await t.provider.calls(created.body.id)).toEqual([]);
    const confirmed = await t.api.confirm(created.body.id, 'tok_approve');
    expect(confirmed.body).toMatchObject({ status: 'captured', amount_captured: 900 });
  });

  test.each([
    ['JPY', 4200, 'no decimals'],
    ['KWD', 4205, 'three decimals'],
    ['USD', 1, 'the smallest amount'],
    ['EUR', 9_007_199_254_740_000, 'a very large amount'],
  ])('%s %i arrives at the provider as the very same number: %s', async (currency, amount) => {
    const paid = await t.api.sale('tok_approve', { currency, amount });
    expect(paid.body).toMatchObject({ status: 'captured', amount_captured: amount, currency });
    expect(await t.provider.charges(paid.body.id)).toMatchObject([{ currency, captured: amount }]);
    await t.api.refund(paid.body.id);
    expect(await t.provider.charges(paid.body.id)).toMatchObject([{ refunded: amount }]);
  });

  test('a payment that the provider accepts and settles later is captured when it has settled', async () => {
    const accepted = await t.api.sale('tok_pending_then_approve');
    expect(accepted).toMatchObject({ status: 202, body: { status: 'processing' } });
    const paid = await t.settled(accepted.body.id);
    expect(paid).toMatchObject({ status: 'captured', amount_captured: 4200 });
  });

  test('a payment that the provider accepts and declines later asks for another payment method', async () => {
    const accepted = await t.api.sale('tok_pending_then_decline');
    const declined = await t.settled(accepted.body.id);
    expect(declined.status).toBe('requires_payment_method');
    expect((await t.api.confirm(declined.id, 'tok_approve')).body.status).toBe('captured');
  });

  test('whoever asks for more than there is, for nothing or for less than nothing gets nothing', async () => {
    const held = (await t.api.reserve('tok_approve')).body.id;
    const { id } = (await t.api.sale('tok_approve')).body;
    for (const amount of [0, -1, -4200, 2 ** 53]) {
      expect(await t.api.capture(held, { amount })).toMatchObject({ status: 400, body: INVALID });
      expect(await t.api.refund(id, amount)).toMatchObject({ status: 400, body: INVALID });
    }
    expect((await t.api.capture(held, { amount: 4201 })).body).toMatchObject({
      code: 'amount_exceeds_capturable',
    });
    expect(await t.provider.charges(held)).toMatchObject([{ captured: 0 }]);
    expect((await t.api.refund(id, 4201)).body).toMatchObject({ code: 'amount_exceeds_refundable' });
    expect((await t.api.refund(id, 4200)).status).toBe(200);
    expect((await t.api.refund(id, 1)).body).toMatchObject({ code: 'amount_exceeds_refundable' });
    expect((await t.api.void(id)).body).toMatchObject({ code: 'payment_already_captured' });
  });
});
