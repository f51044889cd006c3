import { CheckoutPaymentIntent, type OrderRequest } from '@paypal/paypal-server-sdk';
import { describe, expect, test } from 'vitest';
import { testSimulator } from '../../test-kit.ts';
import { bearer, paypalSimulator, refusal, sdkAt } from './test-kit.ts';

const HOUR_MS = 3600_000;
const WHOLE = 'return=representation';

function order(token: string, more: object = {}, unit: object = {}): OrderRequest {
  return {
    intent: CheckoutPaymentIntent.Authorize,
    purchaseUnits: [
      {
        customId: 'pay_1.att_1',
        invoiceId: 'op_1',
        amount: { currencyCode: 'EUR', value: '42.00' },
        ...unit,
      },
    ],
    paymentSource: { card: { vaultId: token } },
    ...more,
  };
}

/** A simulator with one authorization. */
async function held() {
  const pair = await paypalSimulator();
  const body = order('tok_approve');
  const { result } = await pair.orders.createOrder({ body, paypalRequestId: 'op_1', prefer: WHOLE });
  const authorizationId = result.purchaseUnits?.[0]?.payments?.authorizations?.[0]?.id ?? '';
  return { ...pair, authorizationId };
}

const CAPTURE = { intent: CheckoutPaymentIntent.Capture };

describe('the official SDK, told only where PayPal is,', () => {
  test('authorises, captures a part, captures the rest, and refunds a part', async () => {
    const { orders, payments, simulator } = await paypalSimulator();
    const created = await orders.createOrder({
      body: order('tok_approve'),
      paypalRequestId: 'op_1',
      prefer: WHOLE,
    });
    expect(created.statusCode).toBe(201);
    const authorization = created.result.purchaseUnits?.[0]?.payments?.authorizations?.[0];
    expect(authorization).toMatchObject({
      status: 'CREATED',
      amount: { currencyCode: 'EUR', value: '42.00' },
    });
    const authorizationId = authorization?.id ?? '';

    const part = { amount: { currencyCode: 'EUR', value: '15.00' } };
    await payments.captureAuthorizedPayment({ authorizationId, body: part, paypalRequestId: 'op_2' });
    expect((await payments.getAuthorizedPayment({ authorizationId })).result.status).toBe(
      'PARTIALLY_CAPTURED',
    );
    const final = { body: { finalCapture: true, invoiceId: 'op_3' }, paypalRequestId: 'op_3', prefer: WHOLE };
    const rest = await payments.captureAuthorizedPayment({ authorizationId, ...final });
    expect(rest.result).toMatchObject({ status: 'COMPLETED', amount: { value: '27.00' }, invoiceId: 'op_3' });

    const captureId = rest.result.id ?? '';
    const refund = { amount: { currencyCode: 'EUR', value: '10.00' } };
    const given = await payments.refundCapturedPayment({
      captureId,
      body: refund,
      paypalRequestId: 'op_4',
      prefer: WHOLE,
    });
    expect(given.result).toMatchObject({ status: 'COMPLETED', amount: { value: '10.00' } });
    expect((await payments.getCapturedPayment({ captureId })).result.status).toBe('PARTIALLY_REFUNDED');
    expect((await payments.getRefund({ refundId: given.result.id ?? '' })).result.status).toBe('COMPLETED');
    expect((await simulator.books()).charges).toMatchObject([
      {
        dialect: 'paypal',
        reference: 'pay_1',
        attempt: 'att_1',
        authorized: 4200,
        captured: 4200,
        refunded: 1000,
      },
    ]);
  });

  test('sells, and is told who the order is', async () => {
    const { orders } = await paypalSimulator();
    const sale = await orders.createOrder({
      body: order('tok_approve', CAPTURE),
      paypalRequestId: 'op_1',
      prefer: WHOLE,
    });
    expect(sale.result).toMatchObject({ status: 'COMPLETED', intent: 'CAPTURE' });
    const found = await orders.getOrder({ id: sale.result.id ?? '' });
    expect(found.result.purchaseUnits?.[0]).toMatchObject({
      customId: 'pay_1.att_1',
      payments: {
        captures: [{ status: 'COMPLETED', invoiceId: 'op_1', processorResponse: { responseCode: '0000' } }],
      },
    });
  });

  test('voids, and a second void is refused', async () => {
    const { payments, simulator, authorizationId } = await held();
    expect((await payments.voidPayment({ authorizationId })).statusCode).toBe(204);
    expect(await refusal(payments.voidPayment({ authorizationId }))).toEqual({
      status: 422,
      issue: 'PREVIOUSLY_VOIDED',
    });
    const capture = payments.captureAuthorizedPayment({ authorizationId, paypalRequestId: 'op_2' });
    expect(await refusal(capture)).toEqual({ status: 422, issue: 'AUTHORIZATION_VOIDED' });
    expect((await simulator.books()).charges).toMatchObject([{ voided: 4200, captured: 0 }]);
  });

  test('voids what a capture has left', async () => {
    const { payments, simulator, authorizationId } = await held();
    const part = { amount: { currencyCode: 'EUR', value: '12.00' }, finalCapture: false };
    await payments.captureAuthorizedPayment({ authorizationId, paypalRequestId: 'op_2', body: part });
    const status = async () => (await payments.getAuthorizedPayment({ authorizationId })).result.status;
    expect(await status()).toBe('PARTIALLY_CAPTURED');
    expect((await payments.voidPayment({ authorizationId })).statusCode).toBe(204);
    expect(await status()).toBe('VOIDED');
    expect((await simulator.books()).charges).toMatchObject([{ captured: 1200, voided: 3000 }]);
  });

  test.each([
    ['approve', 'APPROVED', 'COMPLETED'],
    ['fail', 'PAYER_ACTION_REQUIRED', 'PAYER_ACTION_REQUIRED'],
  ])('sends the customer away to confirm: %s', async (button, waiting, end) => {
    const { orders } = await paypalSimulator();
    const body = order('tok_3ds', {
      paymentSource: {
        card: { vaultId: 'tok_3ds', experienceContext: { returnUrl: 'http://127.0.0.1:9/back' } },
      },
    });
    const { result } = await orders.createOrder({ body, paypalRequestId: 'op_1' });
    const id = result.id ?? '';
    expect(result.status).toBe('PAYER_ACTION_REQUIRED');
    expect(await refusal(orders.authorizeOrder({ id, paypalRequestId: 'op_2' }))).toMatchObject({
      issue: 'PAYER_ACTION_REQUIRED',
    });
    const page = result.links?.find(({ rel }) => rel === 'payer-action')?.href;
    const back = await fetch(`${page}/${button}`, { method: 'POST', redirect: 'manual' });
    expect(back.headers.get('location')).toBe(`http://127.0.0.1:9/back?token=${id}`);
    expect((await orders.getOrder({ id })).result.status).toBe(waiting);
    await orders.authorizeOrder({ id, paypalRequestId: 'op_2' }).catch(() => undefined);
    expect((await orders.getOrder({ id })).result.status).toBe(end);
  });

  test('makes an order first, which the customer approves on a page', async () => {
    const { orders, simulator } = await paypalSimulator();
    const { paymentSource: _, ...body } = order('', CAPTURE);
    const { result } = await orders.createOrder({ body });
    const id = result.id ?? '';
    expect(result.status).toBe('CREATED');
    expect(await refusal(orders.captureOrder({ id }))).toMatchObject({ issue: 'ORDER_NOT_APPROVED' });
    expect(await refusal(orders.authorizeOrder({ id }))).toMatchObject({
      issue: 'ACTION_DOES_NOT_MATCH_INTENT',
    });
    await fetch(`${result.links?.find(({ rel }) => rel === 'approve')?.href}/approve`, {
      method: 'POST',
      redirect: 'manual',
    });
    expect((await orders.captureOrder({ id })).result.status).toBe('COMPLETED');
    expect(await refusal(orders.captureOrder({ id }))).toMatchObject({ issue: 'ORDER_ALREADY_CAPTURED' });
    expect((await simulator.books()).charges).toMatchObject([{ captured: 4200 }]);
  });
});

describe('declines', () => {
  test.each([
    ['CCREJECT-REFUSED', '0500'],
    ['CCREJECT-SF', '9500'],
    ['CCREJECT-EC', '5400'],
    ['CCREJECT-IRC', '5180'],
    ['CCREJECT-IF', '5120'],
    ['CCREJECT-LS', '9520'],
    ['CCREJECT-IA', '1330'],
    ['CCREJECT-BANK_ERROR', '5100'],
    ['CCREJECT-CVV_F', '00N7'],
  ])('by the name that PayPal publishes: %s is %s', async (name, responseCode) => {
    const { orders } = await paypalSimulator();
    const body = order('', { ...CAPTURE, paymentSource: { card: { name } } });
    const { result } = await orders.createOrder({ body, paypalRequestId: 'op_1', prefer: WHOLE });
    expect(result.purchaseUnits?.[0]?.payments?.captures?.[0]).toMatchObject({
      status: 'DECLINED',
      processorResponse: { responseCode, avsCode: 'G', cvvCode: 'P' },
    });
  });

  test('of a wallet are errors, and so is what PayPal-Mock-Response asks for', async () => {
    const { orders } = await paypalSimulator();
    const body = order('', { paymentSource: { paypal: { vaultId: 'tok_decline_generic' } } });
    expect(await refusal(orders.createOrder({ body, paypalRequestId: 'op_1' }))).toEqual({
      status: 422,
      issue: 'INSTRUMENT_DECLINED',
    });
    const mocked = {
      body: order('tok_approve'),
      paypalMockResponse: '{"mock_application_codes":"PAYER_CANNOT_PAY"}',
    };
    expect(await refusal(orders.createOrder({ ...mocked, paypalRequestId: 'op_2' }))).toEqual({
      status: 422,
      issue: 'PAYER_CANNOT_PAY',
    });
  });
});

describe('a request id', () => {
  test('is answered with how things stand now, for six hours with orders', async () => {
    const { orders, payments, world, simulator } = await paypalSimulator();
    const create = () =>
      orders.createOrder({ body: order('tok_approve'), paypalRequestId: 'op_1', prefer: WHOLE });
    const first = (await create()).result;
    const authorizationId = first.purchaseUnits?.[0]?.payments?.authorizations?.[0]?.id ?? '';
    await payments.captureAuthorizedPayment({ authorizationId, paypalRequestId: 'op_2' });
    const again = (await create()).result;
    expect(again.id).toBe(first.id);
    expect(again.purchaseUnits?.[0]?.payments?.authorizations?.[0]?.status).toBe('CAPTURED');
    world.forward(6 * HOUR_MS);
    expect((await create()).result.id).not.toBe(first.id);
    expect((await simulator.books()).charges).toHaveLength(2);
  });

  test('of a refund is known for 45 days, also after a restart', async () => {
    const { orders, payments, world, simulator } = await paypalSimulator();
    const { result } = await orders.createOrder({
      body: order('tok_approve', CAPTURE),
      paypalRequestId: 'op_1',
      prefer: WHOLE,
    });
    const captureId = result.purchaseUnits?.[0]?.payments?.captures?.[0]?.id ?? '';
    const body = { amount: { currencyCode: 'EUR', value: '5.00' } };
    const refund = (at = payments) => at.refundCapturedPayment({ captureId, body, paypalRequestId: 'op_2' });
    const first = (await refund()).result.id;
    await simulator.close();
    world.forward(44 * 24 * HOUR_MS);
    const after = await testSimulator({ world, dataDir: simulator.dataDir, dialectPorts: { paypal: 0 } });
    // The SDK's own clock stays: a new one has a new token.
    const later = () => sdkAt(after.dialectUrls.get('paypal') ?? '').payments;
    expect((await refund(later())).result.id).toBe(first);
    world.forward(24 * HOUR_MS);
    expect((await refund(later())).result.id).not.toBe(first);
  });

  test('is needed with a payment source, and has at most 108 characters', async () => {
    const { orders } = await paypalSimulator();
    expect(await refusal(orders.createOrder({ body: order('tok_approve') }))).toMatchObject({ status: 400 });
    const long = { body: order('tok_approve'), paypalRequestId: 'x'.repeat(109) };
    expect(await refusal(orders.createOrder(long))).toMatchObject({ status: 400 });
    expect((await orders.createOrder({ ...long, paypalRequestId: 'x'.repeat(108) })).statusCode).toBe(201);
  });
});

test.each([
  ['HUF', '42', 4200],
  ['JPY', '42', 42],
  ['TWD', '42', 4200],
])('%s has no decimals here: %s is %i minor units of ISO 4217', async (currencyCode, value, captured) => {
  const { orders, simulator } = await paypalSimulator();
  const body = order('tok_approve', CAPTURE, { amount: { currencyCode, value } });
  await orders.createOrder({ body, paypalRequestId: 'op_1' });
  expect((await simulator.books()).charges).toMatchObject([{ currency: currencyCode, captured }]);
  const fraction = order('tok_approve', CAPTURE, { amount: { currencyCode, value: '42.00' } });
  expect(await refusal(orders.createOrder({ body: fraction, paypalRequestId: 'op_2' }))).toEqual({
    status: 422,
    issue: 'DECIMALS_NOT_SUPPORTED',
  });
});

test('currencies that PayPal does not know are refused', async () => {
  const { orders } = await paypalSimulator();
  const body = order('tok_approve', CAPTURE, { amount: { currencyCode: 'KWD', value: '4.200' } });
  expect(await refusal(orders.createOrder({ body, paypalRequestId: 'op_1' }))).toMatchObject({
    issue: 'INVALID_CURRENCY_CODE',
  });
});

test('a refund is of one capture, and never more than it', async () => {
  const { orders, payments } = await paypalSimulator();
  const { result } = await orders.createOrder({
    body: order('tok_approve'),
    paypalRequestId: 'op_1',
    prefer: WHOLE,
  });
  const authorizationId = result.purchaseUnits?.[0]?.payments?.authorizations?.[0]?.id ?? '';
  const part = (value: string) => ({ amount: { currencyCode: 'EUR', value } });
  const first = await payments.captureAuthorizedPayment({
    authorizationId,
    body: part('10.00'),
    paypalRequestId: 'op_2',
  });
  await payments.captureAuthorizedPayment({ authorizationId, body: part('32.00'), paypalRequestId: 'op_3' });
  const refund = (value: string, paypalRequestId: string) =>
    payments.refundCapturedPayment({ captureId: first.result.id ?? '', body: part(value), paypalRequestId });
  expect(await refusal(refund('10.01', 'op_4'))).toMatchObject({ issue: 'REFUND_AMOUNT_EXCEEDED' });
  await refund('10.00', 'op_5');
  expect(await refusal(refund('0.01', 'op_6'))).toMatchObject({ issue: 'CAPTURE_FULLY_REFUNDED' });
});

test('a stranger is refused, and a token ends after nine hours', async () => {
  const { url, world } = await paypalSimulator();
  const ask = async (headers: Record<string, string>) =>
    (await fetch(`${url}/v2/checkout/orders/5O190127TN364715T`, { headers })).status;
  expect(await ask({})).toBe(401);
  const headers = await bearer(url);
  expect(await ask(headers)).toBe(404);
  world.forward(9 * HOUR_MS);
  expect(await ask(headers)).toBe(401);
});
