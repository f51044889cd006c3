import { describe, expect, test } from 'vitest';
import { until } from '../../webhooks/test-kit.ts';
import { braintreeSimulator, formReceiver, found } from './test-kit.ts';

const SALE = { amount: '42.00', paymentMethodNonce: 'fake-valid-nonce', orderId: 'order_1' };

describe("Braintree's own SDK", () => {
  test('authorises, captures a part and refunds a part of that', async () => {
    const { gateway, simulator } = await braintreeSimulator();
    const sale = await gateway.transaction.sale({ ...SALE, merchantAccountId: 'acme_eur' });
    expect(sale.success && sale.transaction).toMatchObject({
      status: 'authorized',
      amount: '42.00',
      currencyIsoCode: 'EUR',
      processorResponseCode: '1000',
    });
    const { id } = sale.transaction;
    const submitted = await gateway.transaction.submitForSettlement(id, '30.00');
    expect(submitted.transaction).toMatchObject({ id, status: 'settled', amount: '30.00' });
    const refunded = await gateway.transaction.refund(id, '12.50');
    expect(refunded.transaction).toMatchObject({
      type: 'credit',
      amount: '12.50',
      refundedTransactionId: id,
    });
    const again = await gateway.transaction.find(id);
    expect(again.refundIds).toEqual([refunded.transaction.id]);
    const [charge] = (await simulator.books()).charges;
    expect(charge).toMatchObject({
      authorized: 4200,
      captured: 3000,
      voided: 1200,
      refunded: 1250,
      currency: 'EUR',
    });
  });

  test('finds a merchant account, with the currency that it settles in', async () => {
    const { gateway } = await braintreeSimulator();
    expect(await gateway.merchantAccount.find('acme_eur')).toMatchObject({
      id: 'acme_eur',
      currencyIsoCode: 'EUR',
      default: false,
    });
  });

  test('settles in parts, each a transaction of its own', async () => {
    const { gateway } = await braintreeSimulator();
    const { id } = (await gateway.transaction.sale(SALE)).transaction;
    const one = await gateway.transaction.submitForPartialSettlement(id, '10.00');
    expect(one.transaction.id).not.toBe(id);
    expect(await gateway.transaction.find(id)).toMatchObject({
      status: 'settlement_pending',
      amount: '42.00',
      partialSettlementTransactionIds: [one.transaction.id],
    });
    expect((await gateway.transaction.submitForPartialSettlement(id, '33.00')).success).toBe(false);
    const refunded = await gateway.transaction.refund(one.transaction.id);
    expect(refunded.transaction).toMatchObject({
      amount: '10.00',
      refundedTransactionId: one.transaction.id,
    });
  });

  test('voids, and is refused a capture after that', async () => {
    const { gateway } = await braintreeSimulator();
    const { id } = (await gateway.transaction.sale(SALE)).transaction;
    expect((await gateway.transaction.void(id)).transaction.status).toBe('voided');
    const refused = await gateway.transaction.submitForSettlement(id);
    expect(refused.success).toBe(false);
    expect(codes(refused)).toEqual(['91507']);
    await expect(gateway.transaction.find('nothing')).rejects.toMatchObject({ name: 'notFoundError' });
  });

  test('refunds only what is settled; before that a void takes the capture back', async () => {
    const { gateway, simulator } = await braintreeSimulator();
    await simulator.post('/settings', { settlement_ms: 3600_000 });
    const options = { submitForSettlement: true };
    const { id } = (await gateway.transaction.sale({ ...SALE, options })).transaction;
    expect((await gateway.transaction.find(id)).status).toBe('submitted_for_settlement');
    expect(codes(await gateway.transaction.refund(id, '1.00'))).toEqual(['91506']);
    expect((await gateway.transaction.void(id)).transaction.status).toBe('voided');
    const { id: other } = (await gateway.transaction.sale({ ...SALE, orderId: 'order_2', options }))
      .transaction;
    await gateway.testing.settle(other);
    expect((await gateway.transaction.refund(other, '1.00')).success).toBe(true);
    await gateway.testing.settlementDecline(other);
    expect(await gateway.transaction.find(other)).toMatchObject({
      status: 'settlement_declined',
      processorSettlementResponseCode: '4001',
    });
  });

  test.each([
    ['2001.00', 'fake-valid-nonce', 'processor_declined', '2001'],
    ['10.00', 'fake-processor-declined-visa-nonce', 'processor_declined', '2000'],
    ['3000.00', 'fake-valid-nonce', 'failed', '3000'],
    ['5001.00', 'fake-valid-nonce', 'gateway_rejected', ''],
    ['10.00', 'fake-gateway-rejected-fraud-nonce', 'gateway_rejected', ''],
  ])('of %s with %s is %s', async (amount, paymentMethodNonce, status, code) => {
    const { gateway } = await braintreeSimulator();
    const refused = await gateway.transaction.sale({ amount, paymentMethodNonce });
    expect(refused.success).toBe(false);
    expect(refused.transaction).toMatchObject({ status, processorResponseCode: code });
  });

  test('is told of a second sale within 30 seconds that it is a duplicate', async () => {
    const { gateway, world } = await braintreeSimulator();
    expect((await gateway.transaction.sale(SALE)).success).toBe(true);
    const second = await gateway.transaction.sale(SALE);
    expect(second.transaction).toMatchObject({
      status: 'gateway_rejected',
      gatewayRejectionReason: 'duplicate',
    });
    world.forward(30_000);
    expect((await gateway.transaction.sale(SALE)).success).toBe(true);
  });

  test('finds by order id what the search has caught up with', async () => {
    const { gateway, world } = await braintreeSimulator();
    const { id } = (await gateway.transaction.sale(SALE)).transaction;
    const search = () => found(gateway.transaction.search((by) => by.orderId().is('order_1')));
    expect(await search()).toEqual([]);
    world.forward(60_000);
    expect((await search()).map((one) => one.id)).toEqual([id]);
  });

  test('keeps what a customer pays with, and charges its token', async () => {
    const { gateway } = await braintreeSimulator();
    const { customer } = await gateway.customer.create({ paymentMethodNonce: 'fake-valid-mastercard-nonce' });
    const [card] = customer.creditCards ?? [];
    expect(card).toMatchObject({ cardType: 'MasterCard', last4: '4444' });
    const paymentMethodToken = card?.token ?? '';
    const sale = await gateway.transaction.sale({ amount: '10.00', paymentMethodToken });
    expect(sale.transaction).toMatchObject({ status: 'authorized', creditCard: { last4: '4444' } });
    const paymentMethodNonce = 'fake-processor-declined-visa-nonce';
    const more = await gateway.paymentMethod.create({ customerId: customer.id, paymentMethodNonce });
    const token = more.paymentMethod.token;
    expect((await gateway.paymentMethod.find(token)).token).toBe(token);
    const declined = await gateway.transaction.sale({ amount: '10.00', paymentMethodToken: token });
    expect(declined.transaction).toMatchObject({ status: 'processor_declined' });
    expect(codes(await gateway.transaction.sale({ amount: '1.00', paymentMethodToken: 'none' }))).toEqual([
      '91518',
    ]);
  });

  test('asks for 3D Secure, which the nonce must have been through', async () => {
    const { gateway } = await braintreeSimulator();
    const options = { threeDSecure: { required: true } };
    const refused = await gateway.transaction.sale({ ...SALE, options });
    expect(refused.transaction).toMatchObject({ gatewayRejectionReason: 'three_d_secure' });
    const paymentMethodNonce = 'fake-three-d-secure-visa-full-authentication-nonce';
    const passed = await gateway.transaction.sale({ ...SALE, options, paymentMethodNonce });
    expect(passed.transaction.threeDSecureInfo).toMatchObject({ liabilityShifted: true, enrolled: 'Y' });
  });

  test.each([
    ['jpy', '4200', 4200],
    ['kwd', '4.255', 4255],
    ['isk', '500', 500],
    ['clp', '1500', 1500],
    ['huf', '4200.50', 420050],
    ['twd', '4200.00', 420000],
    ['ugx', '7000', 7000],
  ])('of an account in %s books %s as %i minor units', async (currency, amount, minor) => {
    const { gateway, simulator } = await braintreeSimulator();
    const sale = await gateway.transaction.sale({ ...SALE, amount, merchantAccountId: `acme_${currency}` });
    expect(sale.transaction.amount).toBe(amount);
    expect((await simulator.books()).charges[0]).toMatchObject({ authorized: minor });
    const wrong = await gateway.transaction.sale({
      ...SALE,
      amount: `${amount}.0001`,
      merchantAccountId: 'jpy',
    });
    expect(codes(wrong)).toEqual(['81503']);
  });

  test('verifies and reads the webhook of a dispute', async () => {
    const { gateway, simulator } = await braintreeSimulator();
    const { url, forms } = await formReceiver();
    await simulator.post('/webhook-endpoints', {
      url,
      secret: 'public_key|private_key',
      dialect: 'braintree',
    });
    const { id } = (await gateway.transaction.sale({ ...SALE, options: { submitForSettlement: true } }))
      .transaction;
    await simulator.post(`/charges/${id}/dispute`, { amount: 1000 });
    await until(() => forms.length === 1);
    const [form] = forms;
    const [signature, payload] = [form?.get('bt_signature') ?? '', form?.get('bt_payload') ?? ''];
    const told = await gateway.webhookNotification.parse(signature, payload);
    expect(told).toMatchObject({
      kind: 'dispute_opened',
      dispute: { amountDisputed: '10.00', transaction: { id } },
    });
    await expect(gateway.webhookNotification.parse(signature, `A${payload}`)).rejects.toThrow();
  });
});

function codes(refused: { errors?: { deepErrors(): { code: string }[] } }): string[] {
  return (refused.errors?.deepErrors() ?? []).map(({ code }) => code);
}
