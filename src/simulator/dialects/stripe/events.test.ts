import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { receiver, until } from '../../webhooks/test-kit.ts';
import { refusal, stripeSimulator } from './test-kit.ts';

const SECRET = 'whsec_a_secret_of_the_simulator_only';
const DAY_MS = 24 * 3600_000;
const CARD = {
  amount: 4200,
  currency: 'eur',
  confirm: true,
  payment_method: 'pm_card_visa',
  metadata: { reference: 'pay_1' },
} satisfies Stripe.PaymentIntentCreateParams;

async function telling(settings: object = {}) {
  const it = await stripeSimulator();
  const target = await receiver();
  await it.simulator.post('/settings', { webhook_retry_ms: [1], webhook_concurrency: 1, ...settings });
  const endpoint = { url: target.url, secret: SECRET, dialect: 'stripe' };
  expect((await it.simulator.post('/webhook-endpoints', endpoint)).status).toBe(201);
  const verified = () =>
    target.got.map(({ body, headers }) =>
      it.stripe.webhooks.constructEvent(body, String(headers['stripe-signature']), SECRET),
    );
  const types = () => verified().map(({ type }) => type);
  const told = (...wanted: string[]) => until(() => wanted.every((type) => types().includes(type as never)));
  const pay = (overrides: object = {}) => it.stripe.paymentIntents.create({ ...CARD, ...overrides });
  const act = async (action: string, body: object) => {
    const id = (await it.simulator.books()).charges[0]?.provider_reference;
    return it.simulator.post(`/charges/${id}/${action}`, body);
  };
  const book = async () => (await it.simulator.books()).charges[0];
  return { ...it, target, verified, types, told, pay, act, book };
}

describe("Stripe's webhooks", () => {
  test('are verified by the SDK, and show each object as it stood', async () => {
    const { stripe, verified, types, told, pay } = await telling();
    const intent = await pay({ capture_method: 'manual' });
    const key = { idempotencyKey: 'op_2' };
    await stripe.paymentIntents.capture(intent.id, { amount_to_capture: 4000 }, key);
    await stripe.refunds.create({ payment_intent: intent.id, amount: 500 });
    await told('refund.created', 'charge.refunded');
    expect(types()).toEqual([
      'charge.succeeded',
      'payment_intent.amount_capturable_updated',
      'charge.captured',
      'payment_intent.succeeded',
      'refund.created',
      'charge.refunded',
    ]);
    const [succeeded, , captured, paid, , refunded] = verified();
    expect(succeeded?.data.object).toMatchObject({ captured: false, amount_captured: 0 });
    expect(captured).toMatchObject({
      data: { object: { amount_captured: 4000, amount_refunded: 0 } },
      request: { idempotency_key: 'op_2' },
    });
    expect(paid?.data.object).toMatchObject({
      object: 'payment_intent',
      status: 'succeeded',
      amount_received: 4000,
    });
    expect(refunded?.data.object).toMatchObject({ object: 'charge', amount_refunded: 500 });
    const listed = await stripe.events.list({ types: ['charge.captured'] });
    expect(listed.data).toEqual([captured]);
    expect((await stripe.events.retrieve(captured?.id ?? '')).type).toBe('charge.captured');
  });

  test('corrupted ones fail the verification, and the next try passes', async () => {
    const { stripe, target, pay } = await telling({ webhook_corrupted_share: 0.5, webhook_copies: 5 });
    await pay();
    const passes = ({ body, headers }: (typeof target.got)[number]) => {
      try {
        return stripe.webhooks.constructEvent(body, String(headers['stripe-signature']), SECRET) !== null;
      } catch {
        return false;
      }
    };
    await until(() => target.got.filter(passes).length > 0 && target.got.some((one) => !passes(one)));
  });

  test('nobody hears of another dialect', async () => {
    const { simulator, types, told, pay } = await telling();
    const plain = await receiver();
    await simulator.post('/webhook-endpoints', { url: plain.url, secret: `whsec_${'A'.repeat(32)}` });
    await simulator.post('/charges', { amount: 1, currency: 'EUR', reference: 'pay_plain' });
    await pay();
    await told('payment_intent.succeeded');
    await until(() => plain.got.length > 0);
    expect(types()).toEqual(['charge.succeeded', 'payment_intent.succeeded']);
    expect(plain.got.map(({ told: { data } }) => data.reference)).toEqual(['pay_plain', 'pay_plain']);
    expect((await simulator.list()).transactions).toHaveLength(2);
  });

  test.each([
    ['another dialect', { dialect: 'sanskrit' }],
    ['a secret that is no secret of Stripe', { dialect: 'stripe', secret: 'hush' }],
  ])('an endpoint of %s is refused', async (_, wrong) => {
    const { simulator } = await stripeSimulator();
    const body = { url: 'http://127.0.0.1:9/', secret: SECRET, ...wrong };
    expect((await simulator.post('/webhook-endpoints', body)).status).toBe(400);
  });

  test('a challenge, a decline, a cancellation and a lapse are told', async () => {
    const { stripe, world, told, pay } = await telling();
    await pay({ payment_method: 'pm_card_threeDSecure2Required' });
    await refusal(pay({ payment_method: 'pm_card_chargeDeclined' }));
    const intent = await pay({ capture_method: 'manual' });
    await stripe.paymentIntents.cancel(intent.id);
    await pay({ capture_method: 'manual' });
    world.forward(7 * DAY_MS);
    await told('payment_intent.requires_action', 'charge.failed', 'payment_intent.payment_failed');
    await told('payment_intent.canceled', 'charge.refunded', 'charge.expired');
  });
});

describe('what Stripe tells later', () => {
  test.each([
    ['pm_card_pendingRefund', 'pending', 'succeeded', 500, ['refund.updated']],
    ['pm_card_refundFail', 'succeeded', 'failed', 0, ['refund.failed']],
  ] as const)('a refund on %s is %s and then %s', async (method, first, then, refunded, types) => {
    const { stripe, world, told, pay, book } = await telling();
    const intent = await pay({ payment_method: method });
    const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 500 });
    expect(refund.status).toBe(first);
    world.forward(2_000);
    const { data } = await stripe.refunds.list({ payment_intent: intent.id });
    expect(data.map(({ status }) => status)).toEqual([then]);
    expect((await stripe.refunds.retrieve(refund.id)).status).toBe(then);
    expect((await book())?.refunded).toBe(refunded);
    await told(...types);
  });

  test.each([
    ['pm_sepaDebit_success_de', 'eur'],
    ['pm_usBankAccount_success', 'usd'],
    ['pm_bacsDebit_success', 'gbp'],
  ])('%s is processing for days, and then paid', async (method, currency) => {
    const { stripe, world, told, pay } = await telling();
    const intent = await pay({ payment_method: method, currency });
    expect(intent.status).toBe('processing');
    await told('payment_intent.processing', 'charge.pending');
    world.forward(3 * DAY_MS - 60_000);
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('processing');
    world.forward(60_000);
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('succeeded');
    await told('charge.succeeded', 'payment_intent.succeeded');
  });

  test('a debit that the bank refuses fails with its reason', async () => {
    const { stripe, world, told, pay } = await telling();
    const intent = await pay({ payment_method: 'pm_usBankAccount_accountClosed', currency: 'usd' });
    world.forward(3 * DAY_MS);
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'account_closed' },
    });
    await told('charge.failed', 'payment_intent.payment_failed');
  });

  test('a debit that was paid comes back weeks later, as a dispute or as a failure', async () => {
    const { stripe, world, told, pay, simulator } = await telling();
    await pay({ payment_method: 'pm_sepaDebit_disputed_de' });
    await pay({ payment_method: 'pm_bacsDebit_lateFailure', currency: 'gbp' });
    world.forward(8 * DAY_MS);
    const { data } = await stripe.disputes.list();
    expect(data).toMatchObject([{ status: 'needs_response', reason: 'debit_not_authorized', amount: 4200 }]);
    await told('charge.dispute.created', 'charge.dispute.funds_withdrawn', 'charge.failed');
    const { charges } = await simulator.books();
    expect(charges[1]).toMatchObject({
      captured: 4200,
      reversals: [{ amount: 4200, code: 'insufficient_funds' }],
    });
  });

  test('iDEAL sends the customer to the bank and is paid at once', async () => {
    const { stripe, pay } = await telling();
    const intent = await pay({
      payment_method: undefined,
      payment_method_data: { type: 'ideal' },
      payment_method_types: ['ideal'],
      return_url: 'http://127.0.0.1:9/back',
    });
    expect(intent.status).toBe('requires_action');
    await fetch(`${intent.next_action?.redirect_to_url?.url}/approve`, {
      method: 'POST',
      redirect: 'manual',
    });
    const paid = await stripe.paymentIntents.retrieve(intent.id, { expand: ['latest_charge'] });
    expect(paid.latest_charge).toMatchObject({ payment_method_details: { type: 'ideal' } });
  });

  test('a disputed card: the money is taken, and comes back when the dispute is won', async () => {
    const { stripe, told, pay, act, book } = await telling();
    const intent = await pay({ payment_method: 'pm_card_createDispute' });
    const dispute = (await stripe.disputes.list({ payment_intent: intent.id })).data[0] as Stripe.Dispute;
    expect(dispute).toMatchObject({ status: 'needs_response', reason: 'fraudulent', amount: 4200 });
    expect((await refusal(stripe.refunds.create({ payment_intent: intent.id }))).statusCode).toBe(400);
    await act('win', { dispute: dispute.id });
    expect((await stripe.disputes.retrieve(dispute.id)).status).toBe('won');
    await told('charge.dispute.created', 'charge.dispute.closed', 'charge.dispute.funds_reinstated');
    expect(await book()).toMatchObject({ disputes: [{ status: 'won' }] });
  });

  test('an inquiry takes nothing until it escalates', async () => {
    const { stripe, types, told, pay, act } = await telling();
    await pay({ payment_method: 'pm_card_createDisputeInquiry' });
    const dispute = (await stripe.disputes.list()).data[0] as Stripe.Dispute;
    expect(dispute.status).toBe('warning_needs_response');
    await told('charge.dispute.created');
    expect(types()).not.toContain('charge.dispute.funds_withdrawn');
    await act('escalate', { dispute: dispute.id });
    await act('lose', { dispute: dispute.id });
    await told('charge.dispute.funds_withdrawn', 'charge.dispute.closed');
    expect((await stripe.disputes.retrieve(dispute.id)).status).toBe('lost');
  });

  test('balance transactions add up to what moved, fees apart', async () => {
    const { stripe, pay } = await telling();
    const intent = await pay();
    const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 500 });
    const { data } = await stripe.balanceTransactions.list();
    expect(data.map(({ type, amount, fee, net }) => [type, amount, fee, net])).toEqual([
      ['refund', -500, 0, -500],
      ['charge', 4200, 152, 4048],
    ]);
    const one = await stripe.balanceTransactions.retrieve(refund.balance_transaction as string);
    expect(one.source).toBe(refund.id);
  });

  test('a charge that nobody asked for is told too, without a payment', async () => {
    const { simulator, stripe, verified, told } = await telling();
    const charge = { amount: 500, currency: 'EUR', reference: 'pay_unknown', dialect: 'stripe' };
    await simulator.post('/charges', charge);
    await told('charge.succeeded');
    const [event] = verified();
    expect(event?.data.object).toMatchObject({ object: 'charge', payment_intent: null, amount: 500 });
    expect((await stripe.charges.list()).data).toHaveLength(1);
    expect((await simulator.post('/charges', { ...charge, dialect: 'sanskrit' })).status).toBe(400);
  });

  test('what is done in the dashboard is told like the rest', async () => {
    const { stripe, told, pay, act } = await telling();
    const intent = await pay();
    await act('refund', { amount: 700 });
    await told('refund.created');
    const { data } = await stripe.refunds.list({ payment_intent: intent.id });
    expect(data).toMatchObject([{ amount: 700, metadata: {} }]);
    expect((await stripe.refunds.retrieve(data[0]?.id ?? '')).amount).toBe(700);
  });
});
