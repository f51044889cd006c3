/** Where Braintree is not as the others: no key to send again with, a search that is behind, few webhooks. */

import { mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gatewayAt } from '../../src/simulator/dialects/braintree/test-kit.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { movableWorld } from '../../src/simulator/test-kit.ts';
import { BRAINTREE_SUBJECT } from '../contract/braintree.ts';
import { type Contract, type Sandbox, startContract, startPlatform } from '../contract/harness.ts';
import type { Payment } from '../support/client.ts';
import { temporaryFolder } from '../support/folder.ts';
import { disagreements } from '../support/oracle.ts';
import { type Charge, type Provider, providerAt } from '../support/provider.ts';

type Booked = { disputes: { id: string }[] };
type Explained = {
  internal: { type: string }[];
  waiting: { for: string; last_result: string | null }[];
};

const t = {} as Sandbox & {
  webhookUrl: string;
  provider: Provider;
  control: string;
  forward(ms: number): void;
  stop(): Promise<void>;
};
const MINUTE_MS = 60_000;

beforeAll(async () => {
  const folder = await temporaryFolder('braintree');
  await mkdir(`${folder.path}/books`);
  const world = movableWorld();
  const at = { port: 0, host: '127.0.0.1', dataDir: `${folder.path}/books`, dialectPorts: { braintree: 0 } };
  const simulator = await startSimulator({ ...at, world });
  const account = BRAINTREE_SUBJECT.account(simulator.dialectUrls.get('braintree') ?? '');
  const platform = await startPlatform(BRAINTREE_SUBJECT, account, [0]);
  const provider = providerAt(simulator.url);
  await provider.settings({ search_lag_ms: MINUTE_MS, webhook_retry_ms: [50] });
  await BRAINTREE_SUBJECT.webhooks?.follow(simulator.url, platform.webhookUrl);
  const stop = async () => {
    await platform.stop();
    await simulator.close();
    await folder.remove();
  };
  Object.assign(t, platform, { provider, control: simulator.url, forward: world.forward, stop });
});
afterAll(() => t.stop?.());

test('Braintree asks whether the address is ours, and is answered with a signature that its SDK takes', async () => {
  const challenge = '20f9f8ed05f77439fe955c977e4c8a53';
  const asked = await fetch(`${t.webhookUrl}?bt_challenge=${challenge}`);
  const { webhookNotification } = gatewayAt('http://127.0.0.1:1');
  // The types leave it out.
  const { verify } = webhookNotification as unknown as { verify(challenge: string): string };
  expect([asked.status, await asked.text()]).toEqual([200, verify.call(webhookNotification, challenge)]);
  expect((await fetch(`${t.webhookUrl}?bt_challenge=<script>`)).status).toBe(404);
  expect((await fetch(t.webhookUrl)).status).toBe(404);
});

test('a sale whose answer was lost waits for the search to catch up, says so, and is never sent again', async () => {
  const { id } = await struck('timeout_after');
  await t.work(2_000);
  expect(await t.api.payment(id)).toMatchObject({ status: 'processing' });
  const { body } = await t.api.get<Explained>(`/v1/payments/${id}/explain`);
  expect(body.waiting[0]?.for).toMatch(/^the outcome of authorize op_/);
  expect(body.waiting[0]?.last_result).toMatch(
    /no trace of it yet, and its look-up \(search by order id\) may be behind/,
  );
  expect(await t.api.confirm(id, 'fake-valid-nonce')).toMatchObject({
    status: 409,
    body: { code: 'operation_unresolved' },
  });

  t.forward(MINUTE_MS);
  await t.work(2 * MINUTE_MS);
  const paid = await t.api.payment(id);
  expect(paid).toMatchObject({
    status: 'captured',
    amount_captured: 4200,
    pending_operations: [],
    exceptions: [],
  });
  expect((await t.provider.calls(id)).map(({ operation }) => operation)).toEqual(['authorize']);
  expect(await disagreements(t.api, t.provider, [paid])).toEqual([]);
});

test('a sale that never arrived is given up only when the search would have shown it', async () => {
  const { id } = await struck('timeout_before');
  await t.work(9 * MINUTE_MS);
  expect(await t.api.payment(id)).toMatchObject({ status: 'processing' });
  await t.work(60 * MINUTE_MS);
  expect(await t.api.payment(id)).toMatchObject({
    status: 'requires_payment_method',
    pending_operations: [],
  });
  expect(await t.provider.charges(id)).toEqual([]);
  expect(await t.provider.calls(id)).toHaveLength(1);
});

test('a void while nobody knows of the approval takes it back once the search shows it', async () => {
  const { id } = await struck('reset_after', { capture_method: 'manual' });
  expect((await t.api.void(id)).status).toBeLessThan(300);
  await t.work(2_000);
  expect(await t.provider.charges(id)).toMatchObject([{ authorized: 4200, voided: 0 }]);
  t.forward(MINUTE_MS);
  await t.work(5 * MINUTE_MS);
  await t.work(10 * MINUTE_MS);
  const voided = await t.api.payment(id);
  expect(voided).toMatchObject({ status: 'voided', pending_operations: [] });
  expect(await t.provider.charges(id)).toMatchObject([{ authorized: 4200, voided: 4200 }]);
});

test('a bank debit is processing for days, then paid, and returned weeks later', async () => {
  const method = { type: 'sepa_debit', token: 'fake-sepa-direct-debit-nonce' };
  const { body } = await t.api.post<Payment>('/v1/payments', order({ payment_method: method }));
  expect(body.status).toBe('processing');
  t.forward(3 * 24 * 60 * MINUTE_MS);
  await settled(body.id, { status: 'captured', amount_captured: 4200, amount_reversed: 0 });
  const [charge] = await t.provider.charges(body.id);
  await dashboard(charge, 'reverse', { amount: 4200, code: 'AC04' });
  await settled(body.id, { status: 'captured', amount_captured: 4200, amount_reversed: 4200 });
});

test('a bank debit that its bank refuses is declined', async () => {
  const method = { type: 'sepa_debit', token: 'fake-sepa-direct-debit-nonce' };
  const asked = order({ payment_method: method, amount: 400_100 });
  const { body } = await t.api.post<Payment>('/v1/payments', asked);
  expect(body.status).toBe('processing');
  t.forward(3 * 24 * 60 * MINUTE_MS);
  await settled(body.id, { status: 'requires_payment_method', amount_captured: 0 });
});

test('a bank debit that the merchant voids while its bank is at work is given back once it has paid', async () => {
  const method = { type: 'sepa_debit', token: 'fake-sepa-direct-debit-nonce' };
  const { body } = await t.api.post<Payment>('/v1/payments', order({ payment_method: method }));
  expect((await t.api.void(body.id)).status).toBeLessThan(300);
  t.forward(4 * 24 * 60 * MINUTE_MS);
  await settled(body.id, { pending_operations: [], amount_captured: 4200, amount_refunded: 4200 });
  expect(await disagreements(t.api, t.provider, [await t.api.payment(body.id)])).toEqual([]);
});

test.each([
  ['lose', 'dispute_lost', 1000],
  ['win', 'dispute_won', 0],
])('a dispute is opened, and we %s it, as Braintree tells', async (end, event, amount_disputed) => {
  const { body } = await t.api.post<Payment>('/v1/payments', order());
  const [charge] = await t.provider.charges(body.id);
  const { disputes } = await dashboard(charge, 'dispute', { amount: 1000, reason: 'fraud' });
  await settled(body.id, { amount_disputed: 1000 });
  await dashboard(charge, end, { dispute: disputes[0]?.id });
  const told = async () => {
    await t.work(0);
    const { body: explained } = await t.api.get<Explained>(`/v1/payments/${body.id}/explain`);
    return explained.internal.map(({ type }) => type);
  };
  await expect.poll(told, { timeout: 10_000, interval: 20 }).toContain(event);
  expect(await t.api.payment(body.id)).toMatchObject({ amount_disputed, exceptions: [] });
});

describe('what no webhook tells comes to light in the list of the account', () => {
  const c = {} as Contract;
  beforeAll(async () => {
    Object.assign(c, await startContract(BRAINTREE_SUBJECT));
  });
  afterAll(() => c.stop?.());
  /** Each look is an hour after the one before. */
  let hours = 0;
  const look = async () => {
    hours += 1;
    await c.list(hours * 60 * MINUTE_MS);
    await c.work(0);
  };
  const paid = async (more: object = {}) => (await c.api.post<Payment>('/v1/payments', order(more))).body;

  test('a card whose settlement is declined after the capture was answered: the money is taken back', async () => {
    const { id, status } = await paid({ amount: 400_100 });
    expect(status).toBe('captured');
    await look();
    expect(await c.api.payment(id)).toMatchObject({ amount_captured: 400_100, amount_reversed: 400_100 });
    await look();
    expect(await c.api.payment(id)).toMatchObject({ amount_reversed: 400_100, exceptions: [] });
  });

  test('a refund and a void that somebody made in the control panel: facts, and exceptions for a person', async () => {
    const [sale, held] = [await paid(), await paid({ capture_method: 'manual' })];
    const control = c.provider.url;
    await dashboard((await c.provider.charges(sale.id))[0], 'refund', { amount: 700 }, control);
    await dashboard((await c.provider.charges(held.id))[0], 'void', {}, control);
    await look();
    const [refunded, voided] = [await c.api.payment(sale.id), await c.api.payment(held.id)];
    expect(refunded).toMatchObject({ amount_refunded: 700, exceptions: [{ type: 'unrequested_refund' }] });
    expect(voided).toMatchObject({ status: 'voided', exceptions: [{ type: 'unrequested_void' }] });
    expect(await disagreements(c.api, c.provider, [refunded, voided])).toEqual([]);
  });

  test('what was captured, by the sale or by us, and voided there before it was settled took nothing', async () => {
    await c.provider.settings({ settlement_ms: 60 * MINUTE_MS });
    const [sale, captured] = [await paid(), await paid({ capture_method: 'manual' })];
    await c.api.capture(captured.id);
    for (const { id } of [sale, captured])
      await dashboard((await c.provider.charges(id))[0], 'void', {}, c.provider.url);
    await c.provider.settings({ settlement_ms: 0 });
    await look();
    const now = [await c.api.payment(sale.id), await c.api.payment(captured.id)];
    for (const payment of now)
      expect(payment).toMatchObject({
        status: 'voided',
        amount_captured: 4200,
        amount_reversed: 4200,
        amount_refundable: 0,
        exceptions: [{ type: 'unrequested_void' }],
      });
    expect(await disagreements(c.api, c.provider, now)).toEqual([]);
  });

  test('what we asked for ourselves is nothing new', async () => {
    const sale = await paid({ capture_method: 'manual' });
    await c.api.capture(sale.id, { amount: 1500 });
    await c.api.refund(sale.id, 500);
    await look();
    const [seen] = await c.settled([sale.id]);
    expect(seen).toMatchObject({ amount_captured: 1500, amount_refunded: 500, exceptions: [] });
    expect(await c.deliveries()).not.toHaveProperty('set_aside');
  });
});

async function struck(fault: string, more: object = {}): Promise<Payment> {
  const { body } = await t.api.post<Payment>('/v1/payments', order({ confirm: false, ...more }));
  await t.provider.arm({ operation: 'authorize', fault, reference: body.id });
  expect((await t.api.post(`/v1/payments/${body.id}/confirm`, {})).status).toBe(202);
  return body;
}

async function settled(id: string, wished: object): Promise<void> {
  const seen = async () => {
    await t.work(60 * MINUTE_MS);
    return t.api.payment(id);
  };
  await expect.poll(seen, { timeout: 10_000, interval: 20 }).toMatchObject(wished);
}

async function dashboard(
  charge: Charge | undefined,
  action: string,
  body: object,
  control = t.control,
): Promise<Booked> {
  const url = `${control}/charges/${charge?.provider_reference}/${action}`;
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Booked;
}

function order(more: object = {}): object {
  const payment_method = { type: 'card', token: 'fake-valid-nonce' };
  return { amount: 4200, currency: 'EUR', confirm: true, payment_method, ...more };
}
