import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { verifyPayPal } from '../../../connectors/signatures/paypal.ts';
import { testSimulator } from '../../test-kit.ts';
import { receiver, until } from '../../webhooks/test-kit.ts';
import { bearer, paypalSimulator } from './test-kit.ts';

const WEBHOOK_ID = '4JH86294D6297924G';
const DAY_MS = 24 * 3600_000;

type Event = { id: string; event_type: string; resource: { [name: string]: unknown } };

async function telling(vaultId: string, intent: 'AUTHORIZE' | 'CAPTURE', settings: object = {}) {
  const it = await paypalSimulator();
  const target = await receiver();
  await it.simulator.post('/settings', { webhook_retry_ms: [1], webhook_concurrency: 1, ...settings });
  const endpoint = { url: target.url, secret: WEBHOOK_ID, dialect: 'paypal' };
  expect((await it.simulator.post('/webhook-endpoints', endpoint)).status).toBe(201);
  const headers = await bearer(it.url);
  const post = async (path: string, body: object, id: string) => {
    const init = {
      method: 'POST',
      headers: { ...headers, 'paypal-request-id': id },
      body: JSON.stringify(body),
    };
    const answer = await fetch(`${it.url}${path}`, init);
    return (await answer.json()) as { id: string };
  };
  const unit = {
    custom_id: 'pay_1.att_1',
    invoice_id: 'op_1',
    amount: { currency_code: 'EUR', value: '42.00' },
  };
  const body = { intent, purchase_units: [unit], payment_source: { card: { vault_id: vaultId } } };
  const { id } = await post('/v2/checkout/orders', body, 'op_1');
  const events = () => target.got.map(({ body: text }) => JSON.parse(text) as Event);
  const types = () => events().map(({ event_type }) => event_type);
  const told = async (...wanted: string[]) => {
    await until(() => types().length >= wanted.length);
    expect(types()).toEqual(wanted);
    return events();
  };
  const act = (action: string, more: object) => it.simulator.post(`/charges/${id}/${action}`, more);
  return { ...it, id, target, told, post, act };
}

async function trusted(url: string, headers: object, body: string) {
  const root = await (await fetch(`${url}/v1/notifications/certs/authority`)).text();
  const named = new URL(String((headers as Record<string, string>)['paypal-cert-url']));
  const pem = await (await fetch(`${url}${named.pathname}`)).text();
  const trust = {
    environment: 'sandbox' as const,
    certificateAt: () => pem,
    roots: [new X509Certificate(root)],
  };
  const delivery = { headers: headers as Record<string, string>, body: Buffer.from(body) };
  return verifyPayPal(delivery, [WEBHOOK_ID], Date.now(), trust);
}

test('a webhook is signed by a certificate of the simulator, and PayPal confirms it when asked', async () => {
  const { target, told, url } = await telling('tok_approve', 'AUTHORIZE');
  const [event] = await told('PAYMENT.AUTHORIZATION.CREATED');
  const [got] = target.got;
  if (!got) throw new Error('nothing came');
  expect(await trusted(url, got.headers, got.body)).toEqual({ ok: true, eventId: event?.id });
  expect((await trusted(url, got.headers, `${got.body} `)).ok).toBe(false);

  const { headers } = got;
  const asked = {
    auth_algo: headers['paypal-auth-algo'],
    cert_url: headers['paypal-cert-url'],
    transmission_id: headers['paypal-transmission-id'],
    transmission_sig: headers['paypal-transmission-sig'],
    transmission_time: headers['paypal-transmission-time'],
    webhook_id: WEBHOOK_ID,
    webhook_event: event,
  };
  const check = async (body: object) => {
    const init = { method: 'POST', headers: await bearer(url), body: JSON.stringify(body) };
    return (await fetch(`${url}/v1/notifications/verify-webhook-signature`, init)).json();
  };
  expect(await check(asked)).toEqual({ verification_status: 'SUCCESS' });
  expect(await check({ ...asked, webhook_id: 'ANOTHER' })).toEqual({ verification_status: 'FAILURE' });
});

test('corrupted deliveries do not verify, and the next try does', async () => {
  const { target, url } = await telling('tok_approve', 'AUTHORIZE', {
    webhook_corrupted_share: 0.5,
    webhook_copies: 8,
  });
  await until(() => target.got.length >= 8);
  const verdicts = await Promise.all(target.got.map(({ headers, body }) => trusted(url, headers, body)));
  expect(new Set(verdicts.map(({ ok }) => ok))).toEqual(new Set([true, false]));
});

test('whoever trusts the authority goes on doing so after a restart', async () => {
  const { simulator, world, url } = await telling('tok_approve', 'AUTHORIZE');
  const authority = async (at: string) => (await fetch(`${at}/v1/notifications/certs/authority`)).text();
  const before = await authority(url);
  await simulator.close();
  const again = await testSimulator({ world, dataDir: simulator.dataDir, dialectPorts: { paypal: 0 } });
  expect(await authority(again.dialectUrls.get('paypal') ?? '')).toBe(before);
});

test('a sale tells of its capture alone, a refund of itself', async () => {
  const { told, post } = await telling('tok_approve', 'CAPTURE');
  const [sale] = await told('PAYMENT.CAPTURE.COMPLETED');
  expect(sale?.resource).toMatchObject({
    custom_id: 'pay_1.att_1',
    invoice_id: 'op_1',
    amount: { value: '42.00' },
  });
  await post(
    `/v2/payments/captures/${sale?.resource['id']}/refund`,
    { invoice_id: 'op_2', amount: { currency_code: 'EUR', value: '2.00' } },
    'op_2',
  );
  const [, refund] = await told('PAYMENT.CAPTURE.COMPLETED', 'PAYMENT.CAPTURE.REFUNDED');
  expect(refund?.resource).toMatchObject({
    custom_id: 'pay_1.att_1',
    invoice_id: 'op_2',
    status: 'COMPLETED',
  });
});

test.each([
  ['tok_pending_then_approve', 'COMPLETED'],
  ['tok_pending_then_decline', 'DENIED'],
])('%s: the capture is pending under one id, and then %s', async (token, end) => {
  const { told, world } = await telling(token, 'CAPTURE');
  const [pending] = await told('PAYMENT.CAPTURE.PENDING');
  world.forward(3_000);
  const [, ended] = await told('PAYMENT.CAPTURE.PENDING', `PAYMENT.CAPTURE.${end}`);
  expect(ended?.resource['id']).toBe(pending?.resource['id']);
});

test('a refund that is pending fails later, and one that was made comes back', async () => {
  const pending = await telling('refund_fails', 'CAPTURE');
  const [sale] = await pending.told('PAYMENT.CAPTURE.COMPLETED');
  const refundOf = (id: unknown) => `/v2/payments/captures/${id}/refund`;
  await pending.post(refundOf(sale?.resource['id']), {}, 'op_2');
  await pending.told('PAYMENT.CAPTURE.COMPLETED', 'PAYMENT.REFUND.PENDING');
  pending.world.forward(3_000);
  await pending.told('PAYMENT.CAPTURE.COMPLETED', 'PAYMENT.REFUND.PENDING', 'PAYMENT.REFUND.FAILED');
});

test('an authorization that lapses is told as voided, with when it ended', async () => {
  const { told, world } = await telling('tok_approve', 'AUTHORIZE');
  await told('PAYMENT.AUTHORIZATION.CREATED');
  world.forward(8 * DAY_MS);
  const [, voided] = await told('PAYMENT.AUTHORIZATION.CREATED', 'PAYMENT.AUTHORIZATION.VOIDED');
  expect(voided?.resource).toMatchObject({ status: 'VOIDED', expiration_time: expect.any(String) });
});

test('a dispute is opened and lost; a reversal names its capture', async () => {
  const { told, act, simulator } = await telling('tok_approve', 'CAPTURE');
  const opened = await act('dispute', { amount: 1000, reason: 'fraudulent' });
  expect(opened.status).toBeLessThan(300);
  const [, created] = await told('PAYMENT.CAPTURE.COMPLETED', 'CUSTOMER.DISPUTE.CREATED');
  expect(created?.resource).toMatchObject({
    dispute_amount: { value: '10.00' },
    dispute_life_cycle_stage: 'CHARGEBACK',
  });
  expect((await act('reverse', { amount: 500 })).status).toBeLessThan(300);
  await told('PAYMENT.CAPTURE.COMPLETED', 'CUSTOMER.DISPUTE.CREATED', 'PAYMENT.CAPTURE.REVERSED');
  expect((await simulator.books()).totals.by_currency.EUR).toMatchObject({ captured: 4200, reversed: 500 });
});
