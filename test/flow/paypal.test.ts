/** PayPal through the whole platform: what is waited for, what is told later, what the customer approves elsewhere. */

import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { receiver, until } from '../../src/simulator/webhooks/test-kit.ts';
import { type Contract, startContract } from '../contract/harness.ts';
import { paypalSubject } from '../contract/paypal-subject.ts';
import { followPlainly } from '../contract/subjects.ts';
import type { Payment } from '../support/client.ts';
import { disagreements } from '../support/oracle.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const t = {} as Contract;
beforeAll(async () => {
  Object.assign(t, await startContract(paypalSubject()));
});
afterAll(() => t.stop?.());

async function pay(token: string, more: object = {}): Promise<Payment> {
  const { body, status, text } = await t.api.sale(token, more);
  expect(status, text).toBeLessThan(300);
  return body;
}

async function reserved(token = 'tok_approve'): Promise<Payment> {
  const payment = await pay(token, { capture_method: 'manual' });
  expect(payment.status).toBe('authorized');
  return payment;
}

type Explanation = {
  pending_operations: { kind: string; why: string | null; next_try_at: string | null }[];
};

async function waitsFor(id: string): Promise<string> {
  const { text } = await t.api.get<Explanation>(`/v1/payments/${id}/explain`);
  return text;
}

async function voids(id: string): Promise<number> {
  return (await t.provider.calls(id)).filter(({ operation }) => operation === 'void').length;
}

async function agrees(id: string): Promise<Payment> {
  const [payment] = await t.settled([id]);
  if (!payment) throw new Error('no such payment');
  expect(await disagreements(t.api, t.provider, [payment])).toEqual([]);
  return payment;
}

describe('a void, which PayPal takes no request id with,', () => {
  test('is never sent again: it is asked about until PayPal must know, and then it is over', async () => {
    const { id } = await reserved();
    await t.provider.arm({ operation: 'void', fault: 'timeout_before', reference: id });
    await t.api.void(id);
    await t.work(2 * MINUTE_MS);
    expect(await voids(id)).toBe(1);
    expect((await t.api.payment(id)).pending_operations).toMatchObject([{ kind: 'void', status: 'unknown' }]);
    expect(await waitsFor(id)).toContain('the provider has no trace of it yet');

    expect(await agrees(id)).toMatchObject({ status: 'authorized', amount_capturable: 4200 });
    expect(await voids(id)).toBe(1);
    expect((await t.api.void(id)).status).toBeLessThan(300);
    expect(await agrees(id)).toMatchObject({ status: 'voided' });
  });

  test('that happened unheard is read from the authorization', async () => {
    await t.provider.webhooks('pause');
    const { id } = await reserved();
    await t.provider.arm({ operation: 'void', fault: 'timeout_after', reference: id });
    await t.api.void(id);
    expect(await agrees(id)).toMatchObject({ status: 'voided', amount_capturable: 0 });
    expect(await voids(id)).toBe(1);
    await t.provider.webhooks('resume');
  });
});

test('an authorisation that nobody answers for is sent again for minutes, and then waited for', async () => {
  await t.provider.webhooks('pause');
  const { body } = await t.api.sale('tok_approve', { confirm: false });
  const { id } = body;
  await t.provider.arm({ operation: 'authorize', fault: 'error_before', times: 1, reference: id });
  await t.provider.arm({ operation: 'authorize', fault: 'error_after', times: 100, reference: id });
  await t.api.post(`/v1/payments/${id}/confirm`, {});
  for (const aheadMs of [1, 2, 5, 9].map((minutes) => minutes * MINUTE_MS)) await t.work(aheadMs);
  const authorizations = async () =>
    (await t.provider.calls(id)).filter(({ operation }) => operation === 'authorize').length;
  const sent = await authorizations();
  expect(sent).toBeGreaterThan(1);

  await t.work(2 * HOUR_MS);
  await t.work(3 * HOUR_MS);
  expect(await authorizations()).toBe(sent);
  expect((await t.api.payment(id)).status).toBe('processing');
  expect(await waitsFor(id)).toContain(
    'waits for the PAYMENT.AUTHORIZATION.CREATED or PAYMENT.CAPTURE.COMPLETED webhook',
  );
  await t.provider.webhooks('resume');
  await expect.poll(() => t.provider.webhooksPending(), { timeout: 10_000 }).toBe(0);
  expect(await agrees(id)).toMatchObject({ status: 'captured', amount_captured: 4200 });
  expect(await t.provider.charges(id)).toHaveLength(1);
});

describe('what PayPal decides later', () => {
  test.each([
    ['refund_pending', 1000],
    ['refund_fails', 0],
  ])('%s: a refund is pending first, and then the webhook says what came of it', async (token, refunded) => {
    await t.provider.settings({ refund_ms: 300 });
    const { id } = await pay(token);
    await t.settled([id]);
    const { body } = await t.api.refund(id, 1000);
    expect(body).toMatchObject({ status: 'pending', pending_operation: { status: 'pending' } });
    expect(await agrees(id)).toMatchObject({ amount_refunded: refunded });
  });

  test('a refund that was made and comes back counts no more', async () => {
    const { id } = await pay('refund_returns');
    await t.settled([id]);
    expect((await t.api.refund(id, 1000)).body).toMatchObject({ status: 'succeeded' });
    await expect
      .poll(
        async () => {
          await t.work(0);
          return (await t.api.payment(id)).amount_refunded;
        },
        { timeout: 10_000 },
      )
      .toBe(0);
    await agrees(id);
  });
});

test('what was captured in parts is refunded part by part, and never more than one capture holds', async () => {
  const { id } = await reserved();
  await t.api.capture(id, { amount: 1000, final: false });
  await t.api.capture(id, { amount: 3200 });
  await t.settled([id]);
  const tooMuch = await t.api.refund(id, 4000);
  expect(tooMuch.body).toMatchObject({
    code: 'not_supported_by_provider',
    capability: 'refund_across_captures',
  });
  expect((await t.api.refund(id, 1500)).body).toMatchObject({ status: 'succeeded' });
  expect((await t.api.refund(id, 1000)).body).toMatchObject({ status: 'succeeded' });
  expect(await agrees(id)).toMatchObject({ amount_captured: 4200, amount_refunded: 2500 });
});

test.each([
  ['approve', 'captured'],
  ['fail', 'requires_action'],
] as const)('a customer pays with PayPal on its own pages: %s', async (button, status) => {
  const { id, next_action } = await pay('', { payment_method: { type: 'paypal' } });
  const back = await t.provider.answerChallenge(next_action?.url ?? '', button);
  await (await fetch(back ?? '', { redirect: 'manual' })).text();
  const [payment] = await t.settled([id]);
  expect(payment?.status).toBe(status);
});

test('a customer who never comes back leaves nothing behind at PayPal', async () => {
  const { id, status } = await pay('', { payment_method: { type: 'paypal' } });
  expect(status).toBe('requires_action');
  await t.work(MINUTE_MS);
  await t.work(31 * MINUTE_MS);
  const [payment] = await t.settled([id]);
  expect(payment?.status).toBe('requires_payment_method');
  expect(await voids(id)).toBe(0);
  const again = await t.api.confirm(id, 'tok_approve');
  expect(again.body).toMatchObject({ status: 'captured' });
  expect(await agrees(id)).toMatchObject({ amount_captured: 4200 });
});

test('an authorisation that lapses at PayPal is expired here', async () => {
  const { id } = await reserved();
  const [charge] = await t.provider.charges(id);
  const path = `${t.provider.url}/charges/${charge?.provider_reference}/expire`;
  expect((await fetch(path, { method: 'POST', body: '{}' })).status).toBeLessThan(300);
  await expect
    .poll(
      async () => {
        await t.work(0);
        return (await t.api.payment(id)).status;
      },
      { timeout: 10_000 },
    )
    .toBe('expired');
  await agrees(id);
});

test('a wallet on file is charged while the customer is away', async () => {
  const payment_method = { type: 'paypal', token: 'tok_approve', stored: true };
  const { id } = await pay('', { payment_method, off_session: true });
  expect(await agrees(id)).toMatchObject({ status: 'captured' });
});

test('what happens at PayPal without us is booked: a refund, a reversal, a dispute that is lost', async () => {
  const { id } = await pay('tok_approve');
  await t.settled([id]);
  const [charge] = await t.provider.charges(id);
  const act = async (action: string, body: object) => {
    const path = `${t.provider.url}/charges/${charge?.provider_reference}/${action}`;
    const answer = await fetch(path, { method: 'POST', body: JSON.stringify(body) });
    expect(answer.status, await answer.clone().text()).toBeLessThan(300);
    return (await answer.json()) as { disputes?: { id: string }[] };
  };
  await act('refund', { amount: 500 });
  await act('reverse', { amount: 700 });
  await act('dispute', { amount: 1000, reason: 'fraudulent' });
  const amounts = async () => {
    await t.work(0);
    const { body } = await t.api.get<Record<string, unknown>>(`/v1/payments/${id}`);
    const { amount_refunded, amount_reversed, amount_disputed } = body;
    return { amount_refunded, amount_reversed, amount_disputed };
  };
  await expect
    .poll(amounts, { timeout: 10_000 })
    .toEqual({ amount_refunded: 500, amount_reversed: 700, amount_disputed: 1000 });
});

describe('what PayPal is asked about before it is believed', () => {
  test('an event waits while PayPal cannot be asked', async () => {
    const { id } = await reserved();
    await t.settled([id]);
    const [charge] = await t.provider.charges(id);
    await t.provider.arm({ operation: 'lookup', fault: 'error_before', times: 1, reference: id });
    await fetch(`${t.provider.url}/charges/${charge?.provider_reference}/capture`, {
      method: 'POST',
      body: JSON.stringify({ amount: 4200 }),
    });
    await expect.poll(() => t.provider.webhooksPending(), { timeout: 10_000 }).toBe(0);
    await expect
      .poll(async () => {
        await t.work(0);
        return t.deliveries();
      })
      .toMatchObject({ parked: 1 });
    await expect
      .poll(async () => {
        await t.work(MINUTE_MS);
        return (await t.api.payment(id)).amount_captured;
      })
      .toBe(4200);
  });

  test('a forged event that carries a genuine signature is set aside, and moves nothing', async () => {
    const { id } = await pay('tok_approve');
    await t.settled([id]);
    const target = await receiver();
    await t.provider.webhooks('pause');
    const secret = paypalSubject().webhooks?.secret;
    await followPlainly(t.provider.url, { url: target.url, secret, dialect: 'paypal' });
    await t.api.refund(id, 100);
    await t.provider.webhooks('resume');
    await until(() => target.got.length > 0);
    const [genuine] = target.got;
    if (!genuine) throw new Error('nothing came');

    const event = JSON.parse(genuine.body) as { resource: { id: string; amount: { value: string } } };
    const { resource } = event;
    const forged = {
      ...event,
      id: 'WH-FORGED',
      resource: { ...resource, id: 'F', amount: { ...resource.amount, value: '41.00' } },
    };
    const body = withCrcOf(genuine.body, forged);
    const headers = Object.entries(genuine.headers).filter(([name]) => name.startsWith('paypal-'));
    const before = await t.deliveries();
    const answer = await fetch(t.webhookUrl, {
      method: 'POST',
      headers: headers as [string, string][],
      body,
    });
    expect(answer.status).toBe(200);
    await t.work(0);
    expect((await t.deliveries())['set_aside'] ?? 0).toBe((before['set_aside'] ?? 0) + 1);
    expect(await agrees(id)).toMatchObject({ amount_refunded: 100 });
  });
});

/** The same event with as many letters as it takes to have another body's CRC: each letter is one bit of freedom. */
function withCrcOf(body: string, event: object): string {
  const wanted = crc32(body);
  const letters = 64;
  const text = (flips: bigint) => {
    const padding = Array.from({ length: letters }, (_, n) => ((flips >> BigInt(n)) & 1n ? 'A' : '@')).join(
      '',
    );
    return JSON.stringify({ ...event, padding });
  };
  const base = crc32(text(0n));
  let rows = Array.from({ length: letters }, (_, n) => {
    const flips = 1n << BigInt(n);
    return { crc: (crc32(text(flips)) ^ base) >>> 0, flips };
  });
  let left = (wanted ^ base) >>> 0;
  let flips = 0n;
  for (let bit = 31; bit >= 0; bit -= 1) {
    const has = (crc: number) => ((crc >>> bit) & 1) === 1;
    const pivot = rows.find(({ crc }) => has(crc));
    if (!pivot) throw new Error('more letters are needed');
    rows = rows
      .filter((row) => row !== pivot)
      .map((row) =>
        has(row.crc) ? { crc: (row.crc ^ pivot.crc) >>> 0, flips: row.flips ^ pivot.flips } : row,
      );
    if (!has(left)) continue;
    left = (left ^ pivot.crc) >>> 0;
    flips ^= pivot.flips;
  }
  return text(flips);
}
