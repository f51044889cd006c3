import { describe, expect, test } from 'vitest';
import { receiver, until } from '../../simulator/webhooks/test-kit.ts';
import type { AuthorizeRequest, CaptureRequest, VoidRequest } from '../port.ts';
import { outcomeOf } from './answer.ts';
import { readCapture } from './capture.ts';
import type { Result } from './client.ts';
import { readOrder } from './order.ts';
import { paypal } from './test-kit.ts';

const TRACE = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
const IDS = { reference: 'pay_01kb0000000000000000000000', attempt: 'att_01kb0000000000000000000000' };
const HOUR_MS = 3600_000;

const AUTHORIZE: AuthorizeRequest = {
  ...IDS,
  kind: 'authorize',
  operation: 'op_01kb0000000000000000000001',
  providerReference: null,
  amount: 4200,
  currency: 'EUR',
  capture: false,
  paymentMethod: { type: 'card', token: 'tok_approve' },
  offSession: false,
  returnUrl: 'http://127.0.0.1:9/return',
};

const voiding = (providerReference: string | null): VoidRequest => ({
  ...IDS,
  kind: 'void',
  operation: 'op_1',
  amount: 0,
  captured: 0,
  currency: 'EUR',
  providerReference,
});

function tokens(exchanges: { route: string }[]): number {
  return exchanges.filter(({ route }) => route.endsWith('/token')).length;
}

describe('the access token', () => {
  test('is fetched once however many calls wait for it, and again when it ends', async () => {
    const { connector, exchanges, world } = await paypal();
    const many = ['2', '3', '4'].map((n) => ({
      ...AUTHORIZE,
      operation: AUTHORIZE.operation.slice(0, -1) + n,
    }));
    const answers = await Promise.all(many.map((request) => connector.perform(request, TRACE)));
    expect(answers.map(({ outcome }) => outcome.kind)).toEqual(['approved', 'approved', 'approved']);
    expect(tokens(exchanges)).toBe(1);
    world.forward(9 * HOUR_MS - 30_000);
    expect((await connector.perform(AUTHORIZE, TRACE)).outcome.kind).toBe('approved');
    expect(tokens(exchanges)).toBe(2);
  });

  test('that is not to be had means that nothing was sent', async () => {
    const { connector, simulator } = await paypal();
    await simulator.post('/faults', { operation: 'prepare', fault: 'timeout_after' });
    const { outcome, call } = await connector.perform(AUTHORIZE, TRACE);
    expect(outcome).toEqual({ kind: 'not_sent', evidence: 'not_begun', reason: 'no access token: timeout' });
    expect(call).toMatchObject({ key: AUTHORIZE.operation, endpoint: 'POST /v1/oauth2/token' });
    expect((await simulator.books()).charges).toEqual([]);
    expect((await connector.perform(AUTHORIZE, TRACE)).outcome.kind).toBe('approved');
  });

  test('that PayPal has ended is dropped: nothing was done with it, and the next call has a new one', async () => {
    const { connector, world, exchanges } = await paypal({ ownClock: true });
    await connector.perform(AUTHORIZE, TRACE);
    world.forward(10 * HOUR_MS);
    const other = { ...AUTHORIZE, operation: 'op_01kb0000000000000000000009' };
    expect((await connector.perform(other, TRACE)).outcome).toEqual({
      kind: 'not_sent',
      evidence: 'not_begun',
      reason: 'no access: INVALID_TOKEN',
    });
    expect((await connector.perform(other, TRACE)).outcome.kind).toBe('approved');
    expect(tokens(exchanges)).toBe(2);
  });
});

describe('a look at the account', () => {
  test('finds credentials that PayPal takes, and its clock', async () => {
    const { connector } = await paypal();
    const found = await connector.probe(TRACE);
    expect(found).toMatchObject({ credentials: 'accepted' });
    expect(Math.abs(found.clockDifferenceMs ?? 99_999)).toBeLessThan(3_000);
  });

  test('finds credentials that PayPal refuses', async () => {
    const { connector } = await paypal({ clientSecret: '' });
    expect(await connector.probe(TRACE)).toMatchObject({
      credentials: 'refused',
      detail: 'POST /v1/oauth2/token: invalid_client',
    });
  });

  test('tells nothing of credentials where PayPal does not answer', async () => {
    const { connector, simulator } = await paypal();
    await simulator.post('/outage', { mode: 'down' });
    expect(await connector.probe(TRACE)).toMatchObject({ credentials: 'not_known' });
  });
});

describe('what PayPal could not be told exactly', () => {
  test.each([
    ['HUF', 4250],
    ['TWD', 1],
    ['KWD', 4200],
    ['ISK', 42],
    ['CLP', 42],
    ['UGX', 42],
  ])('%s %i is refused before any call', async (currency, amount) => {
    const { connector, exchanges } = await paypal();
    const { outcome, call } = await connector.perform({ ...AUTHORIZE, currency, amount }, TRACE);
    expect(outcome).toMatchObject({ kind: 'rejected', raw_code: 'amount_not_representable' });
    expect(call.endpoint).toBe('none: refused before any call');
    expect(exchanges).toEqual([]);
  });
});

test('an authorisation that PayPal has not named cannot be cancelled, and nothing is sent', async () => {
  const { connector, exchanges } = await paypal();
  const { outcome } = await connector.perform(voiding(null), TRACE);
  expect(outcome).toMatchObject({ kind: 'rejected', raw_code: 'NO_CANCEL_BY_REFERENCE' });
  expect(exchanges).toEqual([]);
});

test('an order that nobody has approved is released without a call: it takes nothing unless we complete it', async () => {
  const { connector, exchanges } = await paypal();
  const asked = await connector.perform({ ...AUTHORIZE, paymentMethod: { type: 'paypal' } }, TRACE);
  if (asked.outcome.kind !== 'requires_action') throw new Error(asked.outcome.kind);
  const request = voiding(asked.outcome.provider_reference);
  expect((await connector.perform(request, TRACE)).outcome).toMatchObject({ kind: 'approved', amount: 0 });
  expect(exchanges.at(-1)?.route).toBe('GET /v2/checkout/orders/{id}');
});

describe('an answer', () => {
  const answered = (status: number, json: unknown): Result => ({
    kind: 'answered',
    status,
    date: null,
    json,
    call: {} as Result['call'],
  });
  const order = (changes: { custom_id?: string; currency_code?: string; status?: string }) => ({
    id: '5O190127TN364715T',
    status: 'COMPLETED',
    purchase_units: [
      {
        custom_id: changes.custom_id ?? `${IDS.reference}.${IDS.attempt}`,
        payments: {
          authorizations: [
            {
              id: '0AW2184448108334S',
              status: changes.status ?? 'CREATED',
              amount: { currency_code: changes.currency_code ?? 'EUR', value: '42.00' },
            },
          ],
        },
      },
    ],
  });
  const read = (json: unknown) => readOrder(AUTHORIZE, json);
  const error = (issue: string) => ({ name: 'UNPROCESSABLE_ENTITY', details: [{ issue }] });

  test.each([
    [
      'as it should be',
      201,
      order({}),
      { kind: 'approved', provider_reference: '0AW2184448108334S', amount: 4200 },
    ],
    ['about another payment', 201, order({ custom_id: 'pay_2.att_2' }), { kind: 'unknown' }],
    ['in another currency', 201, order({ currency_code: 'USD' }), { kind: 'unknown' }],
    ['with a status that nobody knows', 201, order({ status: 'NEW' }), { kind: 'unknown' }],
    ['that cannot be read', 201, undefined, { kind: 'unknown', reason: 'unreadable_answer' }],
    ['with a redirect', 302, null, { kind: 'unknown', reason: 'unreadable_answer' }],
    ['of a proxy, refusing', 403, '<html>', { kind: 'unknown', reason: 'unreadable_answer' }],
    ['of a server in trouble', 503, null, { kind: 'unknown', reason: 'server_error' }],
    ['that there are too many', 429, null, { kind: 'not_sent', evidence: 'rate_limited' }],
    [
      'that another is under way',
      409,
      error('PREVIOUS_REQUEST_IN_PROGRESS'),
      { kind: 'unknown', reason: 'in_flight' },
    ],
    [
      'that the invoice was paid',
      422,
      error('DUPLICATE_INVOICE_ID'),
      { kind: 'unknown', reason: 'already_done' },
    ],
    [
      'that the card has expired',
      422,
      error('CARD_EXPIRED'),
      { kind: 'declined', decline: { reason: 'expired_card' } },
    ],
    ['that something is missing', 400, error('MISSING_REQUIRED_PARAMETER'), { kind: 'rejected' }],
    ['that the token is over', 401, error('INVALID_TOKEN'), { kind: 'not_sent', evidence: 'not_begun' }],
  ])('%s', (_, status, json, outcome) => {
    expect(outcomeOf(answered(status, json), read)).toMatchObject(outcome);
  });

  test('with a code that no table knows is a decline that is unmapped', () => {
    const json = order({ status: 'DENIED' });
    const [authorization] = json.purchase_units[0]?.payments.authorizations ?? [];
    Object.assign(authorization ?? {}, { processor_response: { response_code: 'ZZZZ' } });
    expect(read(json)).toMatchObject({
      kind: 'declined',
      decline: { category: 'unmapped', raw_code: 'ZZZZ' },
    });
  });
});

describe('a look-up', () => {
  test('of a capture that others have made impossible says so; of one that is not there yet, that it is not', async () => {
    const { connector, simulator } = await paypal();
    const { outcome } = await connector.perform(AUTHORIZE, TRACE);
    if (outcome.kind !== 'approved') throw new Error(outcome.kind);
    const capture: CaptureRequest = {
      ...IDS,
      kind: 'capture',
      operation: 'op_01kb0000000000000000000002',
      providerReference: outcome.provider_reference,
      amount: 4200,
      currency: 'EUR',
      final: true,
    };
    expect((await connector.lookUp(capture, TRACE)).kind).toBe('not_found');
    const [charge] = (await simulator.books()).charges;
    await simulator.post(`/charges/${charge?.provider_reference}/capture`, { amount: 4200 });
    expect(await connector.lookUp(capture, TRACE)).toMatchObject({
      kind: 'found',
      outcome: { kind: 'rejected', raw_code: 'AUTHORIZATION_ALREADY_CAPTURED' },
    });
  });

  test('that PayPal does not answer proves nothing', async () => {
    const { connector } = await paypal();
    const request = { ...AUTHORIZE, providerReference: 'order/5O190127TN364715T' };
    expect(await connector.lookUp(request, TRACE)).toMatchObject({
      kind: 'unavailable',
      reason: 'INVALID_RESOURCE_ID',
    });
  });
});

test("an authorization is over by PayPal's own clock, not by ours", async () => {
  const { connector, world } = await paypal({ ownClock: true });
  const { outcome } = await connector.perform(AUTHORIZE, TRACE);
  if (outcome.kind !== 'approved') throw new Error(outcome.kind);
  expect(await connector.hasExpired(outcome.provider_reference, TRACE)).toBe(false);
  world.forward(8 * 24 * HOUR_MS);
  // PayPal has ended the token as well: that is no word on the authorization.
  expect(await connector.hasExpired(outcome.provider_reference, TRACE)).toBeNull();
  expect(await connector.hasExpired(outcome.provider_reference, TRACE)).toBe(true);
  expect(await connector.hasExpired('0AW2184448108334S', TRACE)).toBeNull();
});

describe('a delivery', () => {
  async function delivered() {
    const it = await paypal();
    const target = await receiver();
    await it.simulator.post('/webhook-endpoints', { url: target.url, secret: 'WEBHOOK1', dialect: 'paypal' });
    await it.connector.perform(AUTHORIZE, TRACE);
    await until(() => target.got.length > 0);
    const [got] = target.got;
    if (!got || !it.connector.webhooks) throw new Error('nothing came');
    const { verify } = it.connector.webhooks;
    const delivery = { headers: got.headers as Record<string, string>, body: Buffer.from(got.body) };
    return { ...it, delivery, judge: (changed = delivery) => verify(changed, ['WEBHOOK1'], it.world.now()) };
  }

  test('whose certificate is not here yet is asked for again, and then verifies', async () => {
    const { judge, exchanges } = await delivered();
    expect(judge()).toEqual({ ok: false, reason: 'not_ready' });
    await until(() => judge().ok);
    judge();
    expect(exchanges.filter(({ route }) => route.includes('/certs/'))).toHaveLength(1);
  });

  test('that names many certificates has few fetched at a time, none again soon, and none from elsewhere', async () => {
    const { judge, delivery, exchanges } = await delivered();
    const naming = (url: string) =>
      judge({ ...delivery, headers: { ...delivery.headers, 'paypal-cert-url': url } });
    const fetched = () => exchanges.filter(({ route }) => route.includes('/certs/')).length;
    const madeUp = (n: number) => naming(`https://api.sandbox.paypal.com/v1/notifications/certs/CERT-${n}`);
    for (let n = 0; n < 50; n += 1) madeUp(n);
    expect(naming('https://evil.example/v1/notifications/certs/CERT-1')).toEqual({
      ok: false,
      reason: 'signature_wrong',
    });
    await until(() => fetched() === 4);
    for (let n = 0; n < 4; n += 1) madeUp(n);
    // Those had been asked for in vain: nothing stands between a genuine delivery and its certificate.
    expect(judge()).toEqual({ ok: false, reason: 'not_ready' });
    await until(() => judge().ok);
    expect(fetched()).toBe(5);
  });

  test.each([
    ['no JSON', 'nonsense', 'unreadable'],
    ['without a resource', '{"event_type":"PAYMENT.CAPTURE.COMPLETED"}', 'unreadable'],
    ['with half a capture', '{"event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{"id":"1"}}', 'unreadable'],
    ['about a plan', '{"event_type":"BILLING.PLAN.CREATED","resource":{}}', 'ignored'],
    ['about an inquiry', JSON.stringify(dispute('INQUIRY')), 'ignored'],
    ['about a chargeback', JSON.stringify(dispute('CHARGEBACK')), 'notices'],
  ])('%s', async (_, body, kind) => {
    const { connector } = await paypal();
    expect(connector.webhooks?.parse(Buffer.from(body)).kind).toBe(kind);
  });
});

function dispute(stage: string) {
  const resource = {
    dispute_id: 'PP-D-1',
    dispute_amount: { currency_code: 'EUR', value: '10.00' },
    disputed_transactions: [{ custom: `${IDS.reference}.${IDS.attempt}` }],
    dispute_life_cycle_stage: stage,
  };
  return { event_type: 'CUSTOMER.DISPUTE.CREATED', resource };
}

test('what is kept of a call names no token, no secret and no card', async () => {
  const { connector } = await paypal();
  const { call } = await connector.perform(AUTHORIZE, TRACE);
  expect(call).toMatchObject({
    key: AUTHORIZE.operation,
    endpoint: 'POST /v2/checkout/orders',
    http_status: 201,
    request: { intent: 'AUTHORIZE', 'purchase_units.0.amount.value': '42.00' },
    response: { status: 'COMPLETED', 'purchase_units.0.payments.authorizations.0.status': 'CREATED' },
  });
  expect(JSON.stringify(call)).not.toMatch(/tok_approve|secret|Bearer|A21AA|return/i);
});

describe('a capture that PayPal looks into first', () => {
  const capture: CaptureRequest = {
    ...IDS,
    kind: 'capture',
    operation: 'op_01kb0000000000000000000002',
    providerReference: '0AW2184448108334S',
    amount: 4200,
    currency: 'EUR',
    final: true,
  };
  const resource = {
    id: '2GG279541U471931P',
    amount: { currency_code: 'EUR', value: '42.00' },
    custom_id: `${IDS.reference}.${IDS.attempt}`,
    invoice_id: capture.operation,
    supplementary_data: { related_ids: { authorization_id: capture.providerReference, order_id: '5O1' } },
  };
  const told = async (event_type: string, more: object) => {
    const { connector } = await paypal();
    const body = Buffer.from(JSON.stringify({ id: 'WH-1', event_type, resource: { ...resource, ...more } }));
    return connector.webhooks?.parse(body);
  };

  test('is pending', () => {
    expect(readCapture(capture, { ...resource, status: 'PENDING' })).toEqual({
      kind: 'pending',
      provider_reference: capture.providerReference,
    });
    expect(readCapture(capture, { ...resource, status: 'COMPLETED', invoice_id: 'op_other' })).toMatchObject({
      kind: 'unknown',
    });
  });

  test('and then is made, or comes to nothing, by its webhook', async () => {
    const names = {
      reference: IDS.reference,
      attempt: IDS.attempt,
      providerReference: capture.providerReference,
    };
    const { operation } = capture;
    const movement = resource.id;
    expect(await told('PAYMENT.CAPTURE.COMPLETED', { status: 'COMPLETED' })).toMatchObject({
      notices: [{ ...names, fact: { kind: 'captured', movement, operation, amount: 4200 } }],
    });
    const processor_response = { response_code: '5120' };
    expect(await told('PAYMENT.CAPTURE.DENIED', { status: 'DECLINED', processor_response })).toMatchObject({
      notices: [
        {
          ...names,
          fact: { kind: 'capture_failed', movement, operation, decline: { reason: 'insufficient_funds' } },
        },
      ],
    });
    expect(await told('PAYMENT.CAPTURE.PENDING', { status: 'PENDING' })).toMatchObject({ kind: 'ignored' });
  });
});
