/** What is sent and what is answered, beside Adyen's own specification. */

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import type { PaymentMethod } from '../../core/payment/events.ts';
import { listening } from '../../simulator/dialects/adyen/test-kit.ts';
import { until } from '../../simulator/webhooks/test-kit.ts';
import { authorize, capture, complete, type Exchange, refund, testPair, voiding } from './test-kit.ts';

const specs = new URL('../../../test/fixtures/specs/adyen/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, specs), 'utf8'));
const CHECKOUT = read('checkout-v72.json');
const WEBHOOKS = read('webhooks-v1.json');

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(CHECKOUT, 'checkout').addSchema(WEBHOOKS, 'webhooks');

const BODIES: Record<string, readonly [asked: string, answered: string]> = {
  '/v72/payments': ['PaymentRequest', 'PaymentResponse'],
  '/v72/payments/details': ['PaymentDetailsRequest', 'PaymentDetailsResponse'],
  '/v72/payments/{pspReference}/captures': ['PaymentCaptureRequest', 'PaymentCaptureResponse'],
  '/v72/payments/{pspReference}/cancels': ['PaymentCancelRequest', 'PaymentCancelResponse'],
  '/v72/payments/{pspReference}/refunds': ['PaymentRefundRequest', 'PaymentRefundResponse'],
  '/v72/cancels': ['StandalonePaymentCancelRequest', 'StandalonePaymentCancelResponse'],
  '/v72/paymentMethods': ['PaymentMethodsRequest', 'PaymentMethodsResponse'],
};

function problems(spec: string, schema: string, body: unknown): string[] {
  const validate = ajv.compile({ $ref: `${spec}#/$defs/${schema}` });
  if (validate(body)) return [];
  return (validate.errors ?? []).map(
    (e) => `${schema}${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`,
  );
}

function against({ path, asked, status, answered }: Exchange): string[] {
  const [request = '', answer = ''] = BODIES[path] ?? [];
  const told = status >= 400 ? 'ServiceError' : answer;
  return [...problems('checkout', request, asked), ...problems('checkout', told, answered)];
}

const stored = { token: 'tok_approve', stored: true, customer: 'shopper-1' } as const;
const FORM =
  '{"encryptedCardNumber":"adyenjs_1","encryptedExpiryMonth":"adyenjs_2","encryptedExpiryYear":"adyenjs_3","encryptedSecurityCode":"adyenjs_4","holderName":"J. Smith"}';

describe('payments', () => {
  test.each<[PaymentMethod, object]>([
    [{ type: 'card', token: 'tok_approve' }, {}],
    [{ type: 'card', token: FORM }, {}],
    [{ type: 'card', token: 'tok_approve' }, { capture: true }],
    [{ type: 'card', token: 'tok_decline_expired_card' }, { capture: true }],
    [{ type: 'card', token: 'tok_3ds' }, {}],
    [{ type: 'card', token: 'tok_pending_then_approve' }, { capture: true }],
    [
      { type: 'card', ...stored },
      { offSession: true, capture: true },
    ],
    [{ type: 'card', ...stored }, {}],
    [{ type: 'card', token: 'nobody', stored: true }, {}],
    [{ type: 'apple_pay', token: 'eyJ2ZXJzaW9uIjoiRUNfdjEifQ' }, { capture: true }],
    [{ type: 'google_pay', token: 'eyJ2ZXJzaW9uIjoiRUNfdjIifQ' }, { capture: true }],
    [{ type: 'sepa_debit', ...stored, mandate: 'MNDT-1' }, { capture: true }],
    [{ type: 'ach_debit', ...stored }, { capture: true }],
    [
      { type: 'bacs_debit', ...stored },
      { capture: true, offSession: true },
    ],
    [{ type: 'ideal' }, { capture: true }],
    [{ type: 'ideal', bank: '1121' }, { capture: true }],
  ])('%j %j: question and answer are as Adyen specifies', async (paymentMethod, more) => {
    const { perform, exchanges } = await testPair();
    await perform(authorize({ paymentMethod, ...more }));
    expect(exchanges).toHaveLength(1);
    expect(exchanges.flatMap(against)).toEqual([]);
  });

  test('of a form in the browser only the encrypted fields go on, not the name', async () => {
    const { perform, exchanges } = await testPair();
    await perform(authorize({ paymentMethod: { type: 'card', token: FORM } }));
    expect(exchanges[0]?.asked).toMatchObject({
      paymentMethod: { type: 'scheme', encryptedCardNumber: 'adyenjs_1', encryptedSecurityCode: 'adyenjs_4' },
    });
    expect(JSON.stringify(exchanges)).not.toContain('Smith');
  });
});

test('modifications, details, errors and the probe are as Adyen specifies', async () => {
  const { perform, exchanges, connector, simulator } = await testPair();
  const paid = await perform(authorize({ paymentMethod: { type: 'card', token: 'tok_3ds' } }));
  if (paid.kind !== 'requires_action') throw new Error(paid.kind);
  const back = await fetch(`${paid.action.url}/approve`, { method: 'POST', redirect: 'manual' });
  const returned = new URL(back.headers.get('location') ?? '').search.slice(1);
  const psp = paid.provider_reference;
  expect(await perform(complete(psp, returned))).toMatchObject({ kind: 'approved', amount: 4200 });
  await perform(capture(psp));
  await perform(refund(psp));
  await perform(voiding(psp));
  await perform(voiding(null));
  await perform(capture('AAAAAAAAAAAAAAAA'));
  await simulator.post('/faults', { operation: 'refund', fault: 'in_flight' });
  await perform(refund(psp));
  await connector.probe({ traceparent: '' });
  expect(new Set(exchanges.map(({ path }) => path))).toEqual(new Set(Object.keys(BODIES)));
  expect(exchanges.map(({ status }) => status)).toContain(422);
  expect(exchanges.flatMap(against)).toEqual([]);
});

test('what the simulator sends is as Adyen specifies its webhooks', async () => {
  const { perform, simulator, world } = await testPair();
  const { target } = await listening(simulator);
  const names = ['approve', 'decline_lost_card', 'approve', 'approve'];
  const references: string[] = [];
  for (const [n, name] of names.entries()) {
    const paymentMethod = { type: 'card', token: `tok_${name}` } as const;
    const operation = `op_${n}`;
    const outcome = await perform(authorize({ paymentMethod, operation, capture: n === 3, currency: 'EUR' }));
    references.push(outcome.kind === 'approved' ? outcome.provider_reference : '');
  }
  const [first = '', , third = '', fourth = ''] = references;
  await perform(capture(first));
  await perform({ ...capture(first), operation: 'op_again' });
  await perform(refund(first));
  await perform(voiding(third));
  await simulator.post(`/charges/${fourth}/dispute`, { amount: 100 });
  await simulator.post(`/charges/${fourth}/dispute`, { amount: 100, inquiry: true });
  const { disputes } = (await simulator.books()).charges.at(-1) as unknown as { disputes: { id: string }[] };
  await simulator.post(`/charges/${fourth}/win`, { dispute: disputes[0]?.id });
  await simulator.post(`/charges/${fourth}/escalate`, { dispute: disputes[1]?.id });
  await simulator.post(`/charges/${fourth}/lose`, { dispute: disputes[1]?.id });
  await simulator.post(`/charges/${fourth}/reverse`, { amount: 100 });
  const { refunds } = (await simulator.books()).charges[0] as { refunds: { id: string }[] };
  await simulator.post(`/charges/${first}/return`, { refund: refunds[0]?.id });
  world.forward(8 * 24 * 3600_000);
  const codes = () =>
    new Set(
      target.got.map(({ body }) => JSON.parse(body).notificationItems[0].NotificationRequestItem.eventCode),
    );
  await until(() => codes().has('REFUNDED_REVERSED') && codes().has('CAPTURE_FAILED'));
  for (const { body } of target.got) {
    const event = JSON.parse(body).notificationItems[0].NotificationRequestItem.eventCode;
    expect(problems('webhooks', WEBHOOKS.events[event], JSON.parse(body)), event).toEqual([]);
  }
  expect([...codes()].sort()).toEqual([
    'AUTHORISATION',
    'CANCELLATION',
    'CAPTURE',
    'CAPTURE_FAILED',
    'CHARGEBACK',
    'CHARGEBACK_REVERSED',
    'DISPUTE_DEFENSE_PERIOD_ENDED',
    'NOTIFICATION_OF_CHARGEBACK',
    'REFUND',
    'REFUNDED_REVERSED',
    'REQUEST_FOR_INFORMATION',
  ]);
});

test('the copies refuse what is not in them', () => {
  const request = { merchantAccount: 'M', amount: { currency: 'EUR', value: 1 }, references: 'x' };
  expect(problems('checkout', 'PaymentCaptureRequest', request)).not.toEqual([]);
  expect(problems('checkout', 'PaymentResponse', { resultCode: 'Authorized' })).not.toEqual([]);
});
