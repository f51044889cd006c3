/** What is Adyen's own: results that come by webhook only, and an unknown outcome with nobody to ask. */

import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ADYEN_SUBJECT, HMAC_KEY } from '../contract/adyen.ts';
import { type Contract, startContract } from '../contract/harness.ts';
import type { Payment } from '../support/client.ts';
import { disagreements } from '../support/oracle.ts';
import type { Charge, Fault } from '../support/provider.ts';

const t = {} as Contract;
beforeAll(async () => {
  Object.assign(t, await startContract(ADYEN_SUBJECT));
});
afterAll(() => t.stop?.());
beforeEach(async () => {
  await t.provider.disarm();
  await control('/webhooks/resume');
  await t.provider.settings({ bank_debit_ms: 200, bank_return_ms: 200 });
});

const MINUTE_MS = 60_000;
/** So often that no repetition gets through. */
const ALWAYS = 1_000;

async function control<Answer>(path: string, body: object = {}): Promise<Answer> {
  const answer = await fetch(`${t.provider.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${text}`);
  return JSON.parse(text) as Answer;
}

const lose = (operation: Fault['operation'], reference: string, fault = 'timeout_after') =>
  t.provider.arm({ operation, fault, times: ALWAYS, reference });

async function pay(method: object, more: object = {}): Promise<Payment> {
  const order = { amount: 4200, currency: 'EUR', confirm: true, payment_method: method, ...more };
  const { status, body } = await t.api.post('/v1/payments', order);
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  return body;
}

const card = (token: string) => ({ type: 'card', token });
const manual = { capture_method: 'manual' };

/** A payment whose authorisation is never answered. */
async function unanswered(fault: string, more: object = manual, token = 'tok_approve'): Promise<string> {
  const { id } = await pay(card(token), { ...more, confirm: false });
  await lose('authorize', id, fault);
  const { status } = await t.api.post(`/v1/payments/${id}/confirm`, {});
  expect(status).toBe(202);
  return id;
}

/** Once the worker and the webhooks have done their part. */
async function becomes(id: string, wished: object): Promise<Payment> {
  const now = async () => {
    await t.work(0);
    return t.api.payment(id);
  };
  await expect.poll(now, { timeout: 10_000, interval: 20 }).toMatchObject(wished);
  return t.api.payment(id);
}

async function agree(id: string): Promise<void> {
  const payment = await t.api.payment(id);
  expect(await disagreements(t.api, t.provider, [payment])).toEqual([]);
}

async function chargeOf(id: string): Promise<Charge> {
  const [charge, ...others] = await t.provider.charges(id);
  expect(others).toEqual([]);
  if (charge === undefined) throw new Error('there is no charge');
  return charge;
}

type Explanation = {
  waiting: { for: string; last_result: string | null }[];
  provider: { request: object; outcome: string }[];
  webhooks: { id: string }[];
  internal: { type: string; what: string; told_by: string | null }[];
};
const explain = async (id: string) => (await t.api.get<Explanation>(`/v1/payments/${id}/explain`)).body;

describe('an authorisation that nobody answered, though the money is held', () => {
  test('while the customer may be there the key is sent again, and Adyen tells its first answer', async () => {
    await control('/webhooks/pause');
    const { id } = await pay(card('tok_timeout_after'), manual);
    await t.work(5_000);
    expect(await t.api.payment(id)).toMatchObject({ status: 'authorized', amount_capturable: 4200 });
    expect(await t.provider.calls(id)).toHaveLength(2);
    await agree(id);
  });

  test('voided after days, when it is looked at once a week, it is released at once', async () => {
    await control('/webhooks/pause');
    const id = await unanswered('timeout_after');
    for (const minutes of [11, 1_500, 3_000]) await t.work(minutes * MINUTE_MS);
    const calls = (await t.provider.calls(id)).length;
    await t.work(6_000 * MINUTE_MS);
    expect(await t.provider.calls(id)).toHaveLength(calls);
    expect((await t.api.post(`/v1/payments/${id}/void`, {})).status).toBe(202);
    await t.work(6_010 * MINUTE_MS);
    expect(await t.provider.calls(id)).toHaveLength(calls + 1);
    await control('/webhooks/resume');
    await becomes(id, { status: 'voided', pending_operations: [], amount_authorized: 4200 });
    await agree(id);
  });

  test('after that the AUTHORISATION webhook is waited for, and nothing is sent any more', async () => {
    await control('/webhooks/pause');
    const id = await unanswered('timeout_after');
    await t.work(11 * MINUTE_MS);
    const calls = (await t.provider.calls(id)).length;
    for (const aheadMs of [60, 600, 6_000].map((minutes) => minutes * MINUTE_MS)) await t.work(aheadMs);
    expect(await t.provider.calls(id)).toHaveLength(calls);
    expect(await t.api.payment(id)).toMatchObject({ status: 'processing' });
    expect((await explain(id)).waiting).toMatchObject([
      {
        for: expect.stringContaining('the outcome of authorize'),
        last_result: 'waits for the AUTHORISATION webhook',
      },
    ]);
    await control('/webhooks/resume');
    await becomes(id, { status: 'authorized', pending_operations: [], amount_authorized: 4200 });
    await agree(id);
  });

  test('a sale is captured by its AUTHORISATION webhook alone', async () => {
    const id = await unanswered('timeout_after', {});
    await becomes(id, { status: 'captured', amount_captured: 4200, pending_operations: [], exceptions: [] });
    await agree(id);
    const { webhooks, internal, provider } = await explain(id);
    expect(provider).toMatchObject([{ http_status: null, outcome: 'operation_unknown' }]);
    expect(webhooks).toMatchObject([{ provider: 'adyen', state: 'applied' }]);
    const told = internal.filter((event) => event.told_by === webhooks[0]?.id).map(({ type }) => type);
    expect(told).toEqual(['authorization_approved', 'capture_succeeded']);
  });

  test('the merchant gives up: it is cancelled by our reference, and the webhooks tell the end', async () => {
    await control('/webhooks/pause');
    const id = await unanswered('timeout_after');
    await t.work(11 * MINUTE_MS);
    expect((await t.api.void(id)).status).toBeLessThan(300);
    await t.work(60 * MINUTE_MS);
    expect(await chargeOf(id)).toMatchObject({ status: 'voided', voided: 4200 });
    expect((await t.provider.calls(id)).filter((call) => call.operation === 'void')).toHaveLength(1);
    await control('/webhooks/resume');
    await becomes(id, { status: 'voided', pending_operations: [], exceptions: [] });
    await agree(id);
  });

  test('a challenge that was lost with the answer is cancelled, and nothing more is waited for', async () => {
    const id = await unanswered('timeout_after', manual, 'tok_3ds');
    await t.work(11 * MINUTE_MS);
    expect((await t.api.void(id)).status).toBeLessThan(300);
    await t.work(60 * MINUTE_MS);
    await becomes(id, { status: 'voided' });
    await t.work(600 * MINUTE_MS);
    expect(await t.api.payment(id)).toMatchObject({
      status: 'voided',
      pending_operations: [],
      exceptions: [],
    });
    expect((await explain(id)).internal.at(-1)?.type).toBe('operation_canceled');
    await agree(id);
  });
});

test('an authorisation that never arrived is not believed to have failed: it is waited for, and can be cancelled', async () => {
  const id = await unanswered('timeout_before');
  await t.work(11 * MINUTE_MS);
  await t.work(100 * MINUTE_MS);
  expect(await t.api.payment(id)).toMatchObject({
    status: 'processing',
    pending_operations: [{ status: 'unknown' }],
  });
  expect((await t.api.void(id)).status).toBeLessThan(300);
  await t.work(600 * MINUTE_MS);
  const { waiting } = await explain(id);
  expect(waiting.map((one) => one.last_result)).toContain('waits for the AUTHORISATION webhook');
  expect(waiting.map((one) => one.for).join()).toContain('the outcome of void');
  expect(await t.provider.charges(id)).toEqual([]);
});

test('what may still arrive is not cancelled yet: a cancel that comes before the payment cancels nothing', async () => {
  const id = await unanswered('timeout_before');
  expect((await t.api.void(id)).status).toBeLessThan(300);
  await t.work(6_000);
  const { waiting } = await explain(id);
  expect(waiting.map((one) => one.last_result)).toEqual(['a call that was given up may still arrive']);
  await t.work(MINUTE_MS);
  expect((await explain(id)).waiting.map((one) => one.for).join()).toContain('the outcome of void');
});

describe('money moved and no answer came, however often it was asked', () => {
  test.each(['capture', 'refund', 'void'] as const)(
    '%s: its webhook ends it, with one effect',
    async (what) => {
      const { id } = await pay(card('tok_approve'), what === 'refund' ? {} : manual);
      await lose(what, id);
      if (what === 'capture') await t.api.capture(id, { amount: 4000 });
      if (what === 'refund') await t.api.refund(id, 1500);
      if (what === 'void') await t.api.void(id);
      const ends = {
        capture: { status: 'captured', amount_captured: 4000 },
        refund: { status: 'captured', amount_refunded: 1500 },
        void: { status: 'voided', amount_capturable: 0 },
      };
      await becomes(id, { ...ends[what], pending_operations: [], exceptions: [] });
      const { captures, refunds, voided } = await chargeOf(id);
      expect({ captures: captures.length, refunds: refunds.length, voided }).toEqual(
        {
          capture: { captures: 1, refunds: 0, voided: 200 },
          refund: { captures: 1, refunds: 1, voided: 0 },
          void: { captures: 0, refunds: 0, voided: 4200 },
        }[what],
      );
      await agree(id);
    },
  );

  test('a capture whose webhook is late says what it waits for', async () => {
    await control('/webhooks/pause');
    const { id } = await pay(card('tok_approve'), manual);
    await t.api.capture(id);
    await t.work(10_000);
    expect((await explain(id)).waiting.map((one) => one.last_result)).toContain(
      'waits for the CAPTURE webhook',
    );
    expect(await t.api.payment(id)).toMatchObject({
      pending_operations: [{ kind: 'capture', status: 'pending' }],
    });
  });
});

test('a refusal that a webhook tells waits for the answer that is on its way; where none comes, it counts', async () => {
  const method = card('tok_decline_insufficient_funds');
  const order = { amount: 4200, currency: 'EUR', payment_method: method, confirm: false };
  const { body } = await t.api.post('/v1/payments', order);
  await t.provider.arm({ operation: 'authorize', fault: 'timeout_after', reference: body.id });
  const answering = t.api.post(`/v1/payments/${body.id}/confirm`, {});
  const told = async () => {
    await t.work(0);
    return (await t.deliveries())['parked'];
  };
  await expect.poll(told, { timeout: 5_000, interval: 5 }).toBe(1);
  await answering;
  await t.settled([body.id]);
  const decline = { category: 'soft_decline' };
  await becomes(body.id, { status: 'requires_payment_method', latest_attempt: { decline } });
  await expect.poll(told, { timeout: 5_000 }).toBeUndefined();
  await agree(body.id);
});

describe('what Adyen’s form encrypted for one charge', () => {
  const encrypted = (token: string, code = 'adyenjs_secret') =>
    card(JSON.stringify({ encryptedCardNumber: token, encryptedSecurityCode: code }));
  test('is kept nowhere once it has been charged', async () => {
    const { id } = await pay(encrypted('tok_approve'));
    expect(await t.api.payment(id)).toMatchObject({ status: 'captured' });
    expect(await t.tablesWith('adyenjs_secret')).toEqual([]);
    await agree(id);
  });

  test('is kept while it may have to be sent again, and no longer', async () => {
    const { id } = await pay(encrypted('tok_decline_insufficient_funds', 'adyenjs_first'));
    await t.provider.arm({ operation: 'authorize', fault: 'timeout_before', reference: id });
    const again = { payment_method: encrypted('tok_approve', 'adyenjs_again') };
    expect((await t.api.post(`/v1/payments/${id}/confirm`, again)).status).toBe(202);
    expect(await t.tablesWith('adyenjs_first')).toEqual([]);
    expect(await t.tablesWith('adyenjs_again')).toEqual(['payloads']);
    await t.work(MINUTE_MS);
    await becomes(id, { status: 'captured', pending_operations: [] });
    expect(await t.tablesWith('adyenjs_again')).toEqual([]);
    await agree(id);
  });

  test('waits with the attempt that replaces another, and is erased after a day where it never begins', async () => {
    const { id } = await pay(card('tok_3ds'), manual);
    await lose('void', id, 'timeout_before');
    const other = { payment_method: encrypted('tok_approve', 'adyenjs_waits') };
    expect((await t.api.post(`/v1/payments/${id}/confirm`, other)).status).toBe(202);
    expect(await t.tablesWith('adyenjs_waits')).toEqual(['payloads']);
    await t.keepHouse(23 * 60 * MINUTE_MS);
    expect(await t.tablesWith('adyenjs_waits')).toEqual(['payloads']);
    await t.keepHouse(25 * 60 * MINUTE_MS);
    expect(await t.tablesWith('adyenjs_waits')).toEqual([]);
  });

  test('is refused where it would have to be kept for later', async () => {
    const order = { amount: 4200, currency: 'EUR', payment_method: encrypted('tok_approve') };
    const { status, body } = await t.api.post<{ code: string }>('/v1/payments', order);
    expect([status, body.code]).toEqual([422, 'payment_method_unconfirmed']);
  });
});

describe('what was received, and came to nothing', () => {
  test('a refund that Adyen refuses after it took it frees the money again', async () => {
    const { id } = await pay(card('tok_approve'));
    await t.provider.arm({ operation: 'refund', fault: 'declined', reference: id });
    const { body } = await t.api.refund(id, 1000);
    await becomes(id, { amount_refunded: 0, pending_operations: [] });
    expect((await t.api.get(`/v1/refunds/${body.id}`)).body).toMatchObject({ status: 'failed' });
    await agree(id);
    await t.api.refund(id, 1000);
    await becomes(id, { amount_refunded: 1000, pending_operations: [] });
  });

  test('a capture that the scheme refuses weeks later is money that came and went', async () => {
    const { id } = await pay(card('tok_approve'), manual);
    await t.api.capture(id);
    await becomes(id, { status: 'captured' });
    const { provider_reference } = await chargeOf(id);
    await control(`/charges/${provider_reference}/reverse`, { amount: 4200 });
    await becomes(id, { amount_captured: 4200, amount_reversed: 4200, exceptions: [] });
  });

  test('a sale that somebody cancelled in the Customer Area before its capture was sent took nothing', async () => {
    const { id } = await pay(card('tok_approve'));
    const { provider_reference } = await chargeOf(id);
    await control(`/charges/${provider_reference}/void`);
    await becomes(id, { status: 'voided', amount_captured: 4200, amount_reversed: 4200 });
    expect((await t.api.payment(id)).exceptions).toMatchObject([{ type: 'unrequested_void' }]);
    await agree(id);
  });

  test('a refund that came back from the customer’s bank is a refund no more', async () => {
    const { id } = await pay(card('tok_approve'));
    await t.api.refund(id, 1000);
    await becomes(id, { amount_refunded: 1000 });
    const { provider_reference, refunds } = await chargeOf(id);
    await control(`/charges/${provider_reference}/return`, { refund: refunds[0]?.id });
    await becomes(id, { amount_refunded: 0, exceptions: [] });
    await agree(id);
  });
});

describe('disputes', () => {
  test.each([
    ['win', { amount_disputed: 0 }],
    ['lose', { amount_disputed: 1200 }],
  ] as const)('a chargeback takes the money at once; %s', async (end, wished) => {
    const { id } = await pay(card('tok_approve'));
    const { provider_reference } = await chargeOf(id);
    type Disputed = { disputes: { id: string }[] };
    const path = `/charges/${provider_reference}`;
    const { disputes } = await control<Disputed>(`${path}/dispute`, { amount: 1200, reason: '10.4' });
    await becomes(id, { amount_disputed: 1200 });
    await control(`${path}/${end}`, { dispute: disputes[0]?.id });
    await becomes(id, { ...wished, exceptions: [] });
  });
});

describe('bank debits: processing for days, paid provisionally, taken back with the bank’s reason', () => {
  const rails = [
    ['sepa_debit', 'AM04'],
    ['ach_debit', 'R10'],
    ['bacs_debit', '1'],
  ] as const;
  const debit = (type: string, token: string) => ({ type, token, stored: true, customer: 'shopper-1' });

  test.each(rails)('%s: returned with %s', async (type, code) => {
    await t.provider.settings({ bank_debit_ms: 600, bank_return_ms: 600 });
    const { id, status } = await pay(debit(type, `tok_return_${code}`));
    expect(status).toBe('processing');
    await becomes(id, { status: 'captured', amount_captured: 4200, pending_operations: [] });
    await becomes(id, { amount_captured: 4200, amount_reversed: 4200, amount_refundable: 0, exceptions: [] });
    expect(await chargeOf(id)).toMatchObject({ reversals: [{ amount: 4200, code }] });
    const { internal } = await explain(id);
    expect(internal.find((event) => event.type === 'capture_reversed')?.what).toContain(`(${code})`);
  });

  test.each(rails)('%s: refused by the bank after days', async (type) => {
    const { id, status } = await pay(debit(type, 'tok_decline_insufficient_funds'));
    expect(status).toBe('processing');
    await becomes(id, { status: 'requires_payment_method', amount_captured: 0, pending_operations: [] });
    await agree(id);
  });

  test('a mandate goes with a SEPA debit', async () => {
    const { id } = await pay({ ...debit('sepa_debit', 'tok_approve'), mandate: 'MNDT-1' });
    await becomes(id, { status: 'captured', pending_operations: [] });
    await agree(id);
  });
});

describe('iDEAL', () => {
  const ask = async () => {
    const { id, status, next_action } = await pay({ type: 'ideal' });
    expect(status).toBe('requires_action');
    return { id, page: next_action?.url ?? '' };
  };

  test('paid at the bank, and the customer never comes back: the webhook tells', async () => {
    const { id, page } = await ask();
    await t.provider.answerChallenge(page, 'approve');
    await becomes(id, { status: 'captured', amount_captured: 4200, exceptions: [] });
    await agree(id);
  });

  test('paid at the bank, and the customer comes back first', async () => {
    await control('/webhooks/pause');
    const { id, page } = await ask();
    const back = await t.provider.answerChallenge(page, 'approve');
    await (await fetch(`${back}&note=of-a-stranger`, { redirect: 'manual' })).text();
    expect(await t.api.payment(id)).toMatchObject({ status: 'captured', amount_captured: 4200 });
    await control('/webhooks/resume');
    await becomes(id, { status: 'captured', exceptions: [] });
    expect(await t.tablesWith('of-a-stranger')).toEqual([]);
    await agree(id);
  });

  test('left at the bank: the offer closes, and another way to pay is asked for', async () => {
    const { id, page } = await ask();
    await t.provider.answerChallenge(page, 'abandon');
    await becomes(id, { status: 'requires_payment_method', pending_operations: [] });
    await agree(id);
  });

  test('another way to pay waits while the first cannot be cancelled, and a person is told of it', async () => {
    const { id, page } = await ask();
    await t.provider.arm({ operation: 'void', fault: 'declined', reference: id });
    expect((await t.api.confirm(id, 'tok_approve')).body.status).toBe('processing');
    await becomes(id, { pending_operations: [], exceptions: [] });
    await t.work(31 * MINUTE_MS);
    expect(await t.api.payment(id)).toMatchObject({
      status: 'processing',
      exceptions: [{ type: 'unresolved_too_long' }],
    });
    await t.provider.answerChallenge(page, 'abandon');
    await becomes(id, { status: 'captured', amount_captured: 4200, exceptions: [] });
    await agree(id);
  });

  test('a browser that brings back nothing ends nothing', async () => {
    const { id, page } = await ask();
    const back = new URL((await t.provider.answerChallenge(page, 'approve')) ?? '');
    back.search = '';
    await control('/webhooks/pause');
    await (await fetch(back, { redirect: 'manual' })).text();
    await control('/webhooks/resume');
    await becomes(id, { status: 'captured', pending_operations: [], exceptions: [] });
    await agree(id);
  });
});

describe('a challenge that was passed, and whose end nobody answered', () => {
  async function passed(): Promise<string> {
    const { id, next_action } = await pay(card('tok_3ds'));
    await lose('complete', id);
    const back = await t.provider.answerChallenge(next_action?.url ?? '', 'approve');
    await (await fetch(back ?? '', { redirect: 'manual' })).text();
    expect(await t.api.payment(id)).toMatchObject({ status: 'processing' });
    return id;
  }

  test('is asked for again with the same key', async () => {
    await control('/webhooks/pause');
    const id = await passed();
    await t.provider.disarm();
    await t.work(5_000);
    expect(await t.api.payment(id)).toMatchObject({ status: 'captured', amount_captured: 4200 });
    await agree(id);
  });

  test('is ended by the AUTHORISATION webhook', async () => {
    const id = await passed();
    await becomes(id, { status: 'captured', pending_operations: [], exceptions: [] });
    await agree(id);
  });
});

test('webhooks twice, shuffled, late and wrongly signed: everything ends as it is in Adyen’s books', async () => {
  const usual = { webhook_copies: 1, webhook_shuffle: 1, webhook_delay_ms: 0, webhook_corrupted_share: 0 };
  const unruly = {
    webhook_copies: 2,
    webhook_shuffle: 20,
    webhook_delay_ms: 30,
    webhook_corrupted_share: 0.3,
  };
  await t.provider.settings(unruly);
  const ids: string[] = [];
  for (let n = 0; n < 8; n += 1) {
    const { id } = await pay(
      card(n % 4 === 3 ? 'tok_decline_expired_card' : 'tok_approve'),
      n % 2 ? {} : manual,
    );
    if (n % 2 === 0) await t.api.capture(id, { amount: 4200 - n });
    if (n % 4 === 1) await t.api.refund(id, 1000 + n);
    ids.push(id);
  }
  const payments = await t.settled(ids);
  expect(payments.flatMap((payment) => payment.exceptions)).toEqual([]);
  expect(await disagreements(t.api, t.provider, payments)).toEqual([]);
  expect(payments.map((payment) => payment.amount_refunded)).toEqual([0, 1001, 0, 0, 0, 1005, 0, 0]);
  expect((await t.deliveries())['refused']).toBeGreaterThan(0);
  await t.provider.settings(usual);
});

test('a stored card is charged while the customer is away, as ContAuth', async () => {
  const stored = { ...card('tok_approve'), stored: true, customer: 'shopper-1' };
  const { id } = await pay(stored, { off_session: true });
  await becomes(id, { status: 'captured', pending_operations: [] });
  expect((await explain(id)).provider[0]?.request).toMatchObject({
    shopperInteraction: 'ContAuth',
    recurringProcessingModel: 'UnscheduledCardOnFile',
  });
});

describe('a webhook is believed for what Adyen signed', () => {
  const item = (charge: Charge, more: object = {}) => ({
    pspReference: 'TJQTPCQ8HXSKGK83',
    originalReference: charge.provider_reference,
    merchantAccountCode: 'TestMerchant',
    merchantReference: charge.reference,
    amount: { currency: 'EUR', value: 100 },
    eventCode: 'REFUND',
    success: 'true',
    ...more,
  });

  async function deliver(told: ReturnType<typeof item>, key: string): Promise<number> {
    const { amount, ...rest } = told;
    const fields = [
      rest.pspReference,
      rest.originalReference,
      rest.merchantAccountCode,
      rest.merchantReference,
    ];
    const text = [...fields, amount.value, amount.currency, rest.eventCode, rest.success].join(':');
    const hmacSignature = createHmac('sha256', Buffer.from(key, 'hex')).update(text).digest('base64');
    const NotificationRequestItem = { ...told, additionalData: { hmacSignature } };
    const body = JSON.stringify({ live: 'false', notificationItems: [{ NotificationRequestItem }] });
    const answer = await fetch(t.webhookUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    return answer.status;
  }

  test('one in another currency than the payment’s is for a person, and moves nothing', async () => {
    const { id } = await pay(card('tok_approve'));
    const charge = await chargeOf(id);
    const before = (await t.deliveries())['set_aside'] ?? 0;
    await deliver(item(charge, { amount: { currency: 'USD', value: 100 } }), HMAC_KEY);
    const aside = async () => {
      await t.work(0);
      return (await t.deliveries())['set_aside'];
    };
    await expect.poll(aside, { timeout: 10_000 }).toBe(before + 1);
    expect(await t.api.payment(id)).toMatchObject({ amount_refunded: 0 });
  });

  test('one that somebody else signed is refused', async () => {
    const { id } = await pay(card('tok_approve'));
    const status = await deliver(item(await chargeOf(id)), HMAC_KEY.replaceAll('A', 'B'));
    expect(status).toBeGreaterThanOrEqual(400);
    await t.work(0);
    expect(await t.api.payment(id)).toMatchObject({ amount_refunded: 0 });
  });
});
