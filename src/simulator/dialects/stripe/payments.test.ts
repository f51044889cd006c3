import { readFileSync } from 'node:fs';
import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { testSimulator } from '../../test-kit.ts';
import { refusal, sdkAt, stripeSimulator } from './test-kit.ts';

const CARD = {
  amount: 4200,
  currency: 'eur',
  confirm: true,
  payment_method: 'pm_card_visa',
  metadata: { reference: 'pay_1', attempt: 'att_1', operation: 'op_1' },
} satisfies Stripe.PaymentIntentCreateParams;

async function held(overrides: object = {}) {
  const it = await stripeSimulator();
  const intent = await it.stripe.paymentIntents.create({ ...CARD, capture_method: 'manual', ...overrides });
  const book = async () => (await it.simulator.books()).charges[0];
  return { ...it, intent, book };
}

describe('a payment at Stripe, by the official SDK', () => {
  test('is held, captured and refunded in part; the books say the same', async () => {
    const { stripe, intent, book } = await held();
    expect(intent).toMatchObject({ status: 'requires_capture', amount_capturable: 4200, amount_received: 0 });
    const captured = await stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: 'op_2' });
    expect(captured).toMatchObject({ status: 'succeeded', amount_received: 4200, amount_capturable: 0 });
    const refund = await stripe.refunds.create(
      { payment_intent: intent.id, amount: 500, metadata: { operation: 'op_3' } },
      { idempotencyKey: 'key_3' },
    );
    expect(refund).toMatchObject({ status: 'succeeded', amount: 500, charge: captured.latest_charge });
    expect(await stripe.refunds.retrieve(refund.id)).toMatchObject({
      id: refund.id,
      metadata: { operation: 'op_3' },
    });
    expect(await book()).toMatchObject({
      dialect: 'stripe',
      reference: 'pay_1',
      attempt: 'att_1',
      currency: 'EUR',
      provider_reference: captured.latest_charge,
      authorized: 4200,
      captured: 4200,
      refunded: 500,
      captures: [{ operation: 'op_2' }],
      refunds: [{ id: refund.id, amount: 500, operation: 'op_3' }],
    });
  });

  test('captured in part lets the rest go, unless it may be captured again', async () => {
    const once = await held();
    await once.stripe.paymentIntents.capture(once.intent.id, { amount_to_capture: 1200 });
    expect(await once.book()).toMatchObject({ captured: 1200, voided: 3000 });
    const again = await refusal(once.stripe.paymentIntents.capture(once.intent.id));
    expect([again.statusCode, again.code]).toEqual([400, 'payment_intent_unexpected_state']);

    const card = { request_multicapture: 'if_available' };
    const many = await held({ payment_method_options: { card } });
    const part = { amount_to_capture: 1200, final_capture: false };
    const first = await many.stripe.paymentIntents.capture(many.intent.id, part);
    expect(first).toMatchObject({
      status: 'requires_capture',
      amount_received: 1200,
      amount_capturable: 3000,
    });
    const last = await many.stripe.paymentIntents.capture(many.intent.id, { amount_to_capture: 1000 });
    expect(last).toMatchObject({ status: 'succeeded', amount_received: 2200 });
    expect(await many.book()).toMatchObject({ captured: 2200, voided: 2000 });

    const rest = await held({ payment_method_options: { card } });
    const nothing = { amount_to_capture: 0, final_capture: true };
    expect((await refusal(rest.stripe.paymentIntents.capture(rest.intent.id, nothing))).statusCode).toBe(400);
    await rest.stripe.paymentIntents.capture(rest.intent.id, part);
    const released = await rest.stripe.paymentIntents.capture(rest.intent.id, nothing);
    expect(released).toMatchObject({ status: 'succeeded', amount_received: 1200, amount_capturable: 0 });
    expect(await rest.book()).toMatchObject({ captured: 1200, voided: 3000 });
    const beyond = await refusal(
      once.stripe.refunds.create({ payment_intent: once.intent.id, amount: 1201 }),
    );
    expect([beyond.statusCode, beyond.param]).toEqual([400, 'amount']);
  });

  test('is cancelled: what was held is let go, also before anything was', async () => {
    const { stripe, intent, book } = await held();
    const canceled = await stripe.paymentIntents.cancel(intent.id, { cancellation_reason: 'abandoned' });
    expect(canceled).toMatchObject({ status: 'canceled', cancellation_reason: 'abandoned' });
    expect(await book()).toMatchObject({ voided: 4200, status: 'voided' });
    const { confirm: _, ...draft } = CARD;
    const made = await stripe.paymentIntents.create(draft);
    expect(made.status).toBe('requires_confirmation');
    expect((await stripe.paymentIntents.cancel(made.id)).status).toBe('canceled');
    expect((await refusal(stripe.paymentIntents.confirm(made.id))).code).toBe(
      'payment_intent_unexpected_state',
    );
  });

  test.each([
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'expired_card'],
    ['pm_decline_pin_try_exceeded', 'card_declined', 'pin_try_exceeded'],
    ['tok_decline_stolen_card', 'card_declined', 'stolen_card'],
  ])('%s is declined as %s/%s, and another card may pay', async (method, code, decline) => {
    const { simulator, stripe } = await stripeSimulator();
    const error = await refusal(stripe.paymentIntents.create({ ...CARD, payment_method: method }));
    expect(error).toMatchObject({ type: 'StripeCardError', statusCode: 402, code, decline_code: decline });
    expect(error.requestId).toMatch(/^req_/);
    const intent = error.payment_intent as Stripe.PaymentIntent;
    expect(intent).toMatchObject({ status: 'requires_payment_method', latest_charge: error.charge });
    expect((await stripe.charges.retrieve(error.charge as string)).status).toBe('failed');

    const paid = await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' });
    expect(paid.status).toBe('succeeded');
    const charges = await stripe.charges.list({ payment_intent: intent.id });
    expect(charges.data.map(({ status }) => status)).toEqual(['succeeded', 'failed']);
    expect((await simulator.books()).totals.by_currency.EUR?.captured).toBe(4200);
  });

  test.each([
    ['usd', 1000, 'USD', 1000],
    ['jpy', 500, 'JPY', 500],
    ['isk', 500, 'ISK', 5],
    ['ugx', 120000, 'UGX', 1200],
    ['kwd', 1230, 'KWD', 1230],
    ['huf', 99900, 'HUF', 99900],
    ['twd', 10000, 'TWD', 10000],
    ['clp', 990, 'CLP', 990],
    ['mga', 5, 'MGA', 500],
  ])('in %s %i is %s %i in the books', async (currency, amount, iso, minor) => {
    const { simulator, stripe } = await stripeSimulator();
    const intent = await stripe.paymentIntents.create({ ...CARD, currency, amount });
    expect(intent).toMatchObject({ currency, amount, amount_received: amount });
    expect((await simulator.books()).charges[0]).toMatchObject({ currency: iso, captured: minor });
  });

  test.each([
    ['isk', 550],
    ['kwd', 1234],
  ])('in %s %i is refused', async (currency, amount) => {
    const { stripe } = await stripeSimulator();
    const error = await refusal(stripe.paymentIntents.create({ ...CARD, currency, amount }));
    expect([error.statusCode, error.param]).toEqual([400, 'amount']);
  });
});

describe('3DS at Stripe', () => {
  const RETURN = 'http://127.0.0.1:9/back?order=1';
  async function challenged(overrides: object = {}) {
    const it = await stripeSimulator();
    const order = {
      ...CARD,
      payment_method: 'pm_card_threeDSecure2Required',
      return_url: RETURN,
      ...overrides,
    };
    const intent = await it.stripe.paymentIntents.create(order);
    const page = intent.next_action?.redirect_to_url?.url ?? '';
    const press = (button: string) => fetch(`${page}/${button}`, { method: 'POST', redirect: 'manual' });
    return { ...it, intent, press };
  }

  test('passed: Stripe goes on by itself, and sends the customer back', async () => {
    const { stripe, intent, press } = await challenged();
    expect(intent).toMatchObject({ status: 'requires_action', latest_charge: null });
    const location = new URL((await press('approve')).headers.get('location') ?? '');
    expect(location.searchParams.get('order')).toBe('1');
    expect(location.searchParams.get('payment_intent')).toBe(intent.id);
    expect(location.searchParams.get('redirect_status')).toBe('succeeded');
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('succeeded');
  });

  test('failed: no charge, and a reason of its own', async () => {
    const { stripe, intent, press } = await challenged();
    await press('fail');
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      status: 'requires_payment_method',
      latest_charge: null,
      last_payment_error: { code: 'payment_intent_authentication_failure' },
    });
    expect((await stripe.charges.list()).data).toEqual([]);
  });

  test('cancelled before the customer answered: no charge', async () => {
    const { stripe, intent } = await challenged();
    await stripe.paymentIntents.cancel(intent.id);
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      status: 'canceled',
      latest_charge: null,
    });
  });

  test('confirmed by hand: it waits for the second confirmation, which completes it once', async () => {
    const { simulator, stripe, intent, press } = await challenged({ confirmation_method: 'manual' });
    await press('approve');
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('requires_confirmation');
    const confirm = () => stripe.paymentIntents.confirm(intent.id, {}, { idempotencyKey: 'op_2' });
    expect((await confirm()).status).toBe('succeeded');
    expect((await confirm()).status).toBe('succeeded');
    expect((await simulator.books()).totals.by_currency.EUR?.captured).toBe(4200);
  });

  test('passed, and declined by the bank all the same', async () => {
    const { stripe, intent, press } = await challenged({
      payment_method: 'pm_card_threeDSecureRequiredChargeDeclined',
    });
    await press('approve');
    expect((await stripe.paymentIntents.retrieve(intent.id)).last_payment_error?.decline_code).toBe(
      'generic_decline',
    );
  });

  test('with the customer away: refused, until the card was set up with the customer there', async () => {
    const { stripe } = await stripeSimulator();
    const customer = await stripe.customers.create();
    const method = await stripe.paymentMethods.attach('pm_card_authenticationRequiredOnSetup', {
      customer: customer.id,
    });
    const order = { ...CARD, payment_method: method.id, customer: customer.id };
    const away = () => stripe.paymentIntents.create({ ...order, off_session: true });
    expect(await refusal(away())).toMatchObject({ code: 'authentication_required', statusCode: 402 });

    const setUp = { ...order, setup_future_usage: 'off_session' as const, return_url: RETURN };
    const intent = await stripe.paymentIntents.create(setUp);
    await fetch(`${intent.next_action?.redirect_to_url?.url}/approve`, {
      method: 'POST',
      redirect: 'manual',
    });
    expect((await away()).status).toBe('succeeded');
    expect((await stripe.customers.listPaymentMethods(customer.id)).data.map(({ id }) => id)).toEqual([
      method.id,
    ]);
  });
});

describe('the outcome of a call at Stripe', () => {
  test.each([
    ['timeout_before', 0],
    ['timeout_after', 1],
    ['garbled', 1],
  ])('%s: the key brings the truth, and the money moves once', async (fault, moved) => {
    const { simulator, stripe, url } = await stripeSimulator();
    const impatient = sdkAt(url, { maxNetworkRetries: 0, timeout: 300 });
    const order = { ...CARD, payment_method: `tok_${fault}` };
    const create = (to: Stripe) => to.paymentIntents.create(order, { idempotencyKey: 'op_1' });
    await expect(create(impatient)).rejects.toThrow();
    expect((await simulator.books()).charges).toHaveLength(moved);
    expect((await stripe.paymentIntents.list()).data).toHaveLength(moved);
    expect((await create(stripe)).status).toBe('succeeded');
    expect((await simulator.books()).charges).toHaveLength(1);
  });

  // The SDK repeats a call whose connection was closed once by itself, even where it is told to repeat none.
  test.each(['reset_before', 'reset_after'])(
    '%s: the SDK asks again, and the money moves once',
    async (fault) => {
      const { simulator, stripe } = await stripeSimulator();
      const order = { ...CARD, payment_method: `tok_${fault}` };
      expect((await stripe.paymentIntents.create(order, { idempotencyKey: 'op_1' })).status).toBe(
        'succeeded',
      );
      const { charges, calls_without_charge } = await simulator.books();
      const calls = [...calls_without_charge, ...(charges[0]?.calls ?? [])];
      expect(calls.map((call) => call.fault)).toContain(fault);
      expect([charges.length, charges[0]?.captured]).toEqual([1, 4200]);
    },
  );

  test.each([
    ['error_before', 0],
    ['error_after', 1],
  ])('%s: the key repeats the 500 for ever, and only the list tells the truth', async (fault, charges) => {
    const { simulator, stripe } = await stripeSimulator();
    const order = { ...CARD, payment_method: `tok_${fault}` };
    const create = () => stripe.paymentIntents.create(order, { idempotencyKey: 'op_1' });
    expect((await refusal(create())).statusCode).toBe(500);
    expect(await refusal(create())).toMatchObject({
      statusCode: 500,
      headers: { 'idempotent-replayed': 'true' },
    });
    const found = (await stripe.paymentIntents.list()).data.filter(
      ({ metadata }) => metadata['reference'] === 'pay_1',
    );
    expect(found).toHaveLength(charges);
    expect((await simulator.books()).charges).toHaveLength(charges);
  });

  test('rate_limited: 429, nothing moved, and the key is free', async () => {
    const { stripe } = await stripeSimulator();
    const order = { ...CARD, payment_method: 'tok_rate_limited' };
    const create = () => stripe.paymentIntents.create(order, { idempotencyKey: 'op_1' });
    expect((await refusal(create())).statusCode).toBe(429);
    expect((await create()).status).toBe('succeeded');
  });

  test('wrong_amount: a unit more than was asked, and it says so', async () => {
    const { stripe } = await stripeSimulator();
    const intent = await stripe.paymentIntents.create({ ...CARD, payment_method: 'tok_wrong_amount' });
    expect(intent).toMatchObject({ amount: 4200, amount_received: 4201 });
  });

  test.each(['capture', 'refund', 'void'] as const)('an armed fault hits %s', async (operation) => {
    const { simulator, stripe, intent, book } = await held();
    if (operation === 'refund') await stripe.paymentIntents.capture(intent.id);
    await simulator.post('/faults', { operation, fault: 'reset_after', times: 2, reference: 'pay_1' });
    const call = () => {
      const key = { idempotencyKey: 'op_9' };
      if (operation === 'capture') return stripe.paymentIntents.capture(intent.id, {}, key);
      if (operation === 'void') return stripe.paymentIntents.cancel(intent.id, {}, key);
      return stripe.refunds.create({ payment_intent: intent.id }, key);
    };
    expect((await refusal(call())).type).toBe('StripeConnectionError');
    await call();
    const field = { capture: 'captured', refund: 'refunded', void: 'voided' } as const;
    expect((await book())?.[field[operation]]).toBe(4200);
  });

  test.each(['timeout_after', 'error_before', 'rate_limited', 'garbled', 'slow'])(
    '%s hits a look-up',
    async (fault) => {
      const { simulator, stripe, url, intent } = await held();
      await simulator.post('/settings', { slow_ms: 1_000 });
      await simulator.post('/faults', { operation: 'lookup', fault });
      const impatient = sdkAt(url, { maxNetworkRetries: 0, timeout: 300 });
      await expect(impatient.paymentIntents.retrieve(intent.id)).rejects.toThrow();
      expect((await stripe.paymentIntents.retrieve(intent.id)).id).toBe(intent.id);
    },
  );

  test.each(['capture', 'void', 'refund'] as const)(
    'a %s may be declined, and nothing moves',
    async (operation) => {
      const { simulator, stripe, intent, book } = await held();
      if (operation === 'refund') await stripe.paymentIntents.capture(intent.id);
      const before = await book();
      await simulator.post('/faults', { operation, fault: 'declined' });
      const call = {
        capture: () => stripe.paymentIntents.capture(intent.id),
        void: () => stripe.paymentIntents.cancel(intent.id),
        refund: () => stripe.refunds.create({ payment_intent: intent.id }),
      }[operation];
      expect(await refusal(call())).toMatchObject({ statusCode: 402, code: 'card_declined' });
      expect(await book()).toMatchObject({ captured: before?.captured, voided: 0, refunded: 0 });
    },
  );

  test('a decline is an answer like any other: its key repeats it', async () => {
    const { stripe } = await stripeSimulator();
    const order = { ...CARD, payment_method: 'pm_card_chargeDeclined' };
    const create = () => refusal(stripe.paymentIntents.create(order, { idempotencyKey: 'op_1' }));
    const [first, second] = [await create(), await create()];
    expect(second).toMatchObject({ statusCode: 402, charge: first.charge });
    expect(second.headers?.['idempotent-replayed']).toBe('true');
  });

  test('a card number is refused and kept nowhere', async () => {
    const { simulator, stripe } = await stripeSimulator();
    const card = { number: '4242424242424242', exp_month: 12, exp_year: 2034 };
    const error = await refusal(stripe.paymentMethods.create({ type: 'card', card }));
    expect([error.statusCode, error.param]).toEqual([400, 'card[number]']);
    expect(readFileSync(`${simulator.dataDir}/simulator-journal.jsonl`, 'utf8')).not.toContain(
      '4242424242424242',
    );
    const method = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } });
    expect((await stripe.paymentIntents.create({ ...CARD, payment_method: method.id })).status).toBe(
      'succeeded',
    );
  });

  test('with duplicate keys ignored the same key charges again', async () => {
    const { simulator, stripe } = await stripeSimulator();
    await simulator.post('/settings', { duplicate_keys: 'ignored' });
    for (let i = 0; i < 2; i += 1) await stripe.paymentIntents.create(CARD, { idempotencyKey: 'op_1' });
    expect((await simulator.books()).totals.by_currency.EUR?.captured).toBe(8400);
  });

  test('the search is a minute behind, the list is not', async () => {
    const { stripe, world, intent } = await held();
    const search = () =>
      stripe.paymentIntents.search({ query: `metadata['reference']:'pay_1' AND currency:"eur"` });
    expect((await search()).data).toEqual([]);
    expect((await stripe.paymentIntents.list()).data.map(({ id }) => id)).toEqual([intent.id]);
    world.forward(60_000);
    expect((await search()).data.map(({ id }) => id)).toEqual([intent.id]);
  });

  test('a restart loses nothing, nor does a journal that is written anew', async () => {
    const { simulator, stripe, intent } = await held();
    const customer = await stripe.customers.create({ email: 'someone@example.com' });
    for (let i = 0; i < 20; i += 1) await stripe.paymentIntents.retrieve(intent.id);
    await simulator.close();
    const { dataDir } = simulator;
    const rewriting = await testSimulator({ dataDir, limits: { compactBytes: 1 } });
    await rewriting.close();
    const again = await stripeSimulator({ dataDir });
    expect(await again.stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      status: 'requires_capture',
    });
    expect(await again.stripe.customers.retrieve(customer.id)).toMatchObject({
      email: 'someone@example.com',
    });
    expect((await again.stripe.paymentIntents.capture(intent.id)).status).toBe('succeeded');
  });
});
