import { hmacValidator } from '@adyen/api-library';
import { describe, expect, test } from 'vitest';
import { until } from '../../webhooks/test-kit.ts';
import { ACCOUNT, adyenSimulator, HMAC_KEY, listening, payment, refusal } from './test-kit.ts';

const modification = { merchantAccount: ACCOUNT };
const eur = (value: number) => ({ currency: 'EUR', value });

test('the official SDK authorises, captures a part, refunds a part and verifies the webhooks', async () => {
  const { simulator, checkout } = await adyenSimulator();
  const { items } = await listening(simulator);
  const paid = await checkout.PaymentsApi.payments(payment(), { idempotencyKey: 'key_1' });
  expect(paid).toMatchObject({ resultCode: 'Authorised', merchantReference: 'order-1', amount: eur(4200) });
  const psp = paid.pspReference ?? '';
  expect(psp).toMatch(/^[0-9A-Z]{16}$/);

  const { ModificationsApi } = checkout;
  const captured = await ModificationsApi.captureAuthorisedPayment(psp, {
    ...modification,
    amount: eur(4000),
    reference: 'c-1',
  });
  expect(captured).toMatchObject({ status: 'received', paymentPspReference: psp, amount: eur(4000) });
  const refunded = await ModificationsApi.refundCapturedPayment(psp, {
    ...modification,
    amount: eur(1500),
    reference: 'r-1',
  });
  expect(refunded.status).toBe('received');

  await until(() => items().length === 3);
  expect(
    items().map((item) => [
      item.eventCode,
      item.success,
      item.pspReference,
      item.originalReference,
      item.merchantReference,
    ]),
  ).toEqual([
    ['AUTHORISATION', 'true', psp, undefined, 'order-1'],
    ['CAPTURE', 'true', captured.pspReference, psp, 'c-1'],
    ['REFUND', 'true', refunded.pspReference, psp, 'r-1'],
  ]);
  const validator = new hmacValidator();
  for (const item of items()) expect(validator.validateHMAC(item, HMAC_KEY)).toBe(true);
  const books = await simulator.books('?reference=order-1');
  expect(books.charges).toMatchObject([
    { dialect: 'adyen', authorized: 4200, captured: 4000, voided: 200, refunded: 1500 },
  ]);
});

describe('modifications are received, whatever becomes of them', () => {
  test.each([
    ['a capture above what is held', 'CAPTURE', 'capture'],
    ['a refund of nothing', 'REFUND', 'refund'],
    ['a cancel of what was captured', 'CANCELLATION', 'cancel'],
  ] as const)('%s fails by webhook', async (_, eventCode, what) => {
    const { simulator, checkout } = await adyenSimulator();
    const { items } = await listening(simulator);
    const sale = what === 'cancel' ? { additionalData: {} } : {};
    const { pspReference: psp = '' } = await checkout.PaymentsApi.payments(payment(sale));
    const { ModificationsApi } = checkout;
    const answers = {
      capture: () => ModificationsApi.captureAuthorisedPayment(psp, { ...modification, amount: eur(9900) }),
      refund: () => ModificationsApi.refundCapturedPayment(psp, { ...modification, amount: eur(1) }),
      cancel: () => ModificationsApi.cancelAuthorisedPaymentByPspReference(psp, modification),
    };
    const { status, pspReference } = await answers[what]();
    expect(status).toBe('received');
    await until(() => items().length === 2);
    expect(items()[1]).toMatchObject({ eventCode, success: 'false', pspReference, originalReference: psp });
  });

  test('a cancel by reference is told as TECHNICAL_CANCEL', async () => {
    const { simulator, checkout } = await adyenSimulator();
    const { items } = await listening(simulator);
    await checkout.PaymentsApi.payments(payment());
    const cancel = { ...modification, paymentReference: 'order-1', reference: 'v-1' };
    expect(await checkout.ModificationsApi.cancelAuthorisedPayment(cancel)).toMatchObject({
      status: 'received',
    });
    await until(() => items().length === 2);
    expect(items()[1]).toMatchObject({
      eventCode: 'TECHNICAL_CANCEL',
      success: 'true',
      merchantReference: 'v-1',
    });
    expect((await simulator.books()).charges).toMatchObject([{ status: 'voided', voided: 4200 }]);
  });

  test.each([
    ['a capture that the scheme refuses', 'capture failed', ['AUTHORISATION', 'CAPTURE', 'CAPTURE_FAILED']],
    [
      'a refund that the scheme refuses',
      'refund failed',
      ['AUTHORISATION', 'CAPTURE', 'REFUND', 'REFUND_FAILED'],
    ],
  ])('%s fails later, under its own PSP reference', async (_, holderName, codes) => {
    const { simulator, checkout, world } = await adyenSimulator();
    const { items } = await listening(simulator);
    const paymentMethod = { type: 'scheme', encryptedCard: 'jwe', holderName };
    const { pspReference: psp = '' } = await checkout.PaymentsApi.payments(payment({ paymentMethod }));
    await checkout.ModificationsApi.captureAuthorisedPayment(psp, { ...modification, amount: eur(4200) });
    if (holderName === 'refund failed')
      await checkout.ModificationsApi.refundCapturedPayment(psp, { ...modification, amount: eur(1000) });
    world.forward(10_000);
    await until(() => items().length === codes.length);
    expect(items().map((item) => item.eventCode)).toEqual(codes);
    expect(items().at(-1)?.pspReference).toBe(items().at(-2)?.pspReference);
  });
});

describe('what a shopper pays with', () => {
  test.each([
    [{ holderName: 'NOT_ENOUGH_BALANCE' }, {}, 'Refused', '12'],
    [{ holderName: 'CARD_EXPIRED' }, {}, 'Refused', '6'],
    [{ holderName: 'ERROR' }, {}, 'Error', '4'],
    [{ holderName: 'FRAUD_CANCELLED' }, {}, 'Cancelled', '22'],
    [{}, { RequestedTestAcquirerResponseCode: '31' }, 'Refused', '31'],
    [{ encryptedCard: 'tok_decline_stolen_card' }, {}, 'Refused', '5'],
  ])('%j %j: %s with code %s', async (card, additionalData, resultCode, refusalReasonCode) => {
    const { checkout } = await adyenSimulator();
    const paymentMethod = { type: 'scheme', encryptedCard: 'jwe', ...card };
    const answer = await checkout.PaymentsApi.payments(payment({ paymentMethod, additionalData }));
    expect(answer).toMatchObject({ resultCode, refusalReasonCode });
  });

  test('a challenge: redirected, answered, and ended with what the browser brought back', async () => {
    const { simulator, checkout } = await adyenSimulator();
    const paymentMethod = { type: 'scheme', encryptedCard: 'tok_3ds' };
    const asked = await checkout.PaymentsApi.payments(payment({ paymentMethod }));
    expect(asked.resultCode).toBe('RedirectShopper');
    const { url } = asked.action as { url: string };
    const back = await fetch(`${url}/approve`, { method: 'POST', redirect: 'manual' });
    const redirectResult =
      new URL(back.headers.get('location') ?? '').searchParams.get('redirectResult') ?? '';
    const done = await checkout.PaymentsApi.paymentsDetails({ details: { redirectResult } });
    expect(done).toMatchObject({ resultCode: 'Authorised', merchantReference: 'order-1' });
    expect((await simulator.books()).charges).toMatchObject([{ authorized: 4200 }]);
  });

  test('iDEAL is paid at the bank, whether the customer comes back or not', async () => {
    const { simulator, checkout } = await adyenSimulator();
    const { items } = await listening(simulator);
    const asked = await checkout.PaymentsApi.payments(payment({ paymentMethod: { type: 'ideal' } }));
    expect(asked.pspReference).toBeUndefined();
    const { url } = asked.action as { url: string };
    await fetch(`${url}/approve`, { method: 'POST', redirect: 'manual' });
    await until(() => items().length === 1);
    expect(items()[0]).toMatchObject({
      eventCode: 'AUTHORISATION',
      success: 'true',
      merchantReference: 'order-1',
    });
  });

  test('a SEPA debit is received, authorised days later, and taken back by the bank after that', async () => {
    const { simulator, checkout, world } = await adyenSimulator();
    const { items } = await listening(simulator);
    const paymentMethod = { type: 'sepadirectdebit', storedPaymentMethodId: 'tok_return_AM04' };
    const { resultCode } = await checkout.PaymentsApi.payments(payment({ paymentMethod }));
    expect(resultCode).toBe('Received');
    world.forward(3 * 24 * 3600_000);
    await until(() => items().length === 1);
    world.forward(5 * 24 * 3600_000);
    await until(() => items().length === 2);
    expect(items().map(({ eventCode, reason }) => [eventCode, reason])).toEqual([
      ['AUTHORISATION', ''],
      ['CHARGEBACK', 'AM04'],
    ]);
  });

  test('a card that was stored is listed, charged while the customer is away, and removed', async () => {
    const { checkout } = await adyenSimulator();
    const shopper = { shopperReference: 'shopper-1' };
    const paid = await checkout.PaymentsApi.payments(payment({ ...shopper, storePaymentMethod: true }));
    const id = (paid.additionalData as Record<string, string>)['tokenization.storedPaymentMethodId'] ?? '';
    const list = () => checkout.RecurringApi.getTokensForStoredPaymentDetails('shopper-1', ACCOUNT);
    expect((await list()).storedPaymentMethods).toMatchObject([{ id, type: 'scheme' }]);
    const paymentMethod = { type: 'scheme', storedPaymentMethodId: id };
    const again = { ...shopper, paymentMethod, shopperInteraction: 'ContAuth', reference: 'order-2' };
    expect((await checkout.PaymentsApi.payments(payment(again))).resultCode).toBe('Authorised');
    await checkout.RecurringApi.deleteTokenForStoredPaymentDetails(id, 'shopper-1', ACCOUNT);
    expect((await list()).storedPaymentMethods).toEqual([]);
    expect((await refusal(checkout.PaymentsApi.payments(payment(again)))).statusCode).toBe(422);
  });
});

describe('a key at Adyen', () => {
  test('is answered with the first answer for a week', async () => {
    const { simulator, checkout, world } = await adyenSimulator();
    const pay = () => checkout.PaymentsApi.payments(payment(), { idempotencyKey: 'key_1' });
    const first = await pay();
    world.forward(6 * 24 * 3600_000);
    expect(await pay()).toEqual(first);
    world.forward(24 * 3600_000);
    expect((await pay()).pspReference).not.toBe(first.pspReference);
    expect((await simulator.books()).charges).toHaveLength(2);
  });

  test('is in use while its first request is worked on: 704, and the same key may be sent again', async () => {
    const { simulator, checkout, url } = await adyenSimulator();
    await simulator.post('/settings', { slow_ms: 300 });
    await simulator.post('/faults', { operation: 'authorize', fault: 'slow' });
    const pay = () => checkout.PaymentsApi.payments(payment(), { idempotencyKey: 'key_1' });
    const slow = pay();
    await until(async () => {
      const headers = { 'x-api-key': 'AQE_simulator', 'idempotency-key': 'key_1' };
      const answer = await fetch(`${url}/v72/payments`, {
        method: 'POST',
        headers,
        body: JSON.stringify(payment()),
      });
      return answer.status === 422 && answer.headers.get('transient-error') === 'true';
    });
    expect((await slow).resultCode).toBe('Authorised');
    expect((await simulator.books()).charges).toHaveLength(1);
  });

  test('of a request that failed with 500 is told the truth afterwards', async () => {
    const { simulator, checkout } = await adyenSimulator();
    await simulator.post('/faults', { operation: 'authorize', fault: 'error_after' });
    const pay = () => checkout.PaymentsApi.payments(payment(), { idempotencyKey: 'key_1' });
    expect((await refusal(pay())).statusCode).toBe(500);
    expect((await pay()).resultCode).toBe('Authorised');
    expect((await simulator.books()).charges).toHaveLength(1);
  });

  test('of 65 characters is refused', async () => {
    const { checkout } = await adyenSimulator();
    const error = await refusal(checkout.PaymentsApi.payments(payment(), { idempotencyKey: 'k'.repeat(65) }));
    expect([error.statusCode, error.errorCode]).toEqual([422, '702']);
  });
});

test.each([
  [{ amount: { currency: 'EUR', value: 0 } }, 422, '137'],
  [{ reference: '' }, 422, '130'],
  [{ returnUrl: '' }, 422, '14_030'],
  [{ merchantAccount: '' }, 403, '901'],
  [{ paymentMethod: { type: 'scheme', storedPaymentMethodId: 'nobody' } }, 422, '14_012'],
])('%j is refused with %i and %s', async (wrong, status, code) => {
  const { checkout } = await adyenSimulator();
  const error = await refusal(checkout.PaymentsApi.payments(payment(wrong)));
  expect([error.statusCode, error.errorCode]).toEqual([status, code]);
});
