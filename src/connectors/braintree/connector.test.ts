import { describe, expect, test } from 'vitest';
import { realWorld } from '../../ops/world.ts';
import { braintreeConnector } from './connector.ts';
import {
  accountAt,
  authorize,
  braintreePair,
  capture,
  DEADLINE_MS,
  ID,
  refund,
  TRACE,
  voiding,
} from './test-kit.ts';

const APPROVED = { kind: 'approved' };

describe('an operation at Braintree', () => {
  test('a sale carries the payment and its attempt in its order id, and the merchant account of its currency', async () => {
    const { perform, gateway } = await braintreePair();
    const { outcome, call } = await perform(authorize({ currency: 'JPY' }));
    expect(outcome).toMatchObject({ ...APPROVED, amount: 4200, amount_captured: 0, movement: null });
    const [id] = [outcome.kind === 'approved' ? outcome.provider_reference : ''];
    expect(await gateway.transaction.find(id)).toMatchObject({
      orderId: `${ID.payment}.${ID.attempt}`,
      merchantAccountId: 'acme_jpy',
      amount: '4200',
      status: 'authorized',
    });
    expect(call).toMatchObject({
      endpoint: 'POST /merchants/{merchant}/transactions',
      http_status: 201,
      raw_code: '1000',
      request: { 'transaction.amount': '4200', 'transaction.order_id': `${ID.payment}.${ID.attempt}` },
      response: { 'transaction.status': 'authorized', 'transaction.id': id },
    });
    expect(JSON.stringify(call)).not.toMatch(/nonce|private_key|public_key/);
  });

  test('a sale with capture tells its capture under a name of its own', async () => {
    const { perform } = await braintreePair();
    const { outcome } = await perform(authorize({ capture: true }));
    expect(outcome).toMatchObject({ ...APPROVED, amount: 4200, amount_captured: 4200 });
    if (outcome.kind !== 'approved') return;
    expect(outcome.movement).toBe(`${outcome.provider_reference}/settlement`);
    expect(outcome.details).toMatchObject({
      bin: '401288',
      last4: '1881',
      cvc_result: 'M',
      avs_result: 'MM',
    });
  });

  test('wallets come as nonces, and a 3D Secure nonce tells how the check went', async () => {
    const { perform } = await braintreePair();
    const token = 'fake-apple-pay-visa-nonce';
    expect((await perform(authorize({ paymentMethod: { type: 'apple_pay', token } }))).outcome).toMatchObject(
      {
        ...APPROVED,
        details: { last4: '1881' },
      },
    );
    const checked = { type: 'card', token: 'fake-three-d-secure-visa-full-authentication-nonce' } as const;
    const { outcome } = await perform(
      authorize({ paymentMethod: checked, attempt: `${ID.attempt.slice(0, -1)}c` }),
    );
    expect(outcome).toMatchObject({ ...APPROVED, details: { eci: '05' } });
  });

  test('a stored card is charged by its token, and without its owner when they are away', async () => {
    const { perform, gateway } = await braintreePair();
    const { customer } = await gateway.customer.create({ paymentMethodNonce: 'fake-valid-amex-nonce' });
    const token = customer.creditCards?.[0]?.token ?? '';
    const stored = { type: 'card', token, stored: true } as const;
    const { outcome } = await perform(authorize({ paymentMethod: stored, offSession: true }));
    expect(outcome).toMatchObject({ ...APPROVED, details: { last4: '0005' } });
  });

  test.each([
    [200_100, 'fake-valid-nonce', 'insufficient_funds', '2001'],
    [201_400, 'fake-valid-nonce', 'suspected_fraud', '2014'],
    [209_900, 'fake-valid-nonce', 'authentication_required', '2099'],
    [300_000, 'fake-valid-nonce', 'issuer_unavailable', '3000'],
    [4200, 'fake-gateway-rejected-risk-thresholds-nonce', 'suspected_fraud', 'risk_threshold'],
  ])('%i with %s is declined as %s, with the code %s', async (amount, token, reason, raw_code) => {
    const { perform } = await braintreePair();
    const { outcome, call } = await perform(authorize({ amount, paymentMethod: { type: 'card', token } }));
    expect(outcome).toMatchObject({ kind: 'declined', decline: { reason, raw_code } });
    expect(call.raw_code).toBe(raw_code);
  });

  test('a nonce that was used is refused as invalid, not as a decline', async () => {
    const { perform } = await braintreePair();
    const { outcome } = await perform(
      authorize({ paymentMethod: { type: 'card', token: 'fake-consumed-nonce' } }),
    );
    expect(outcome).toMatchObject({ kind: 'rejected', raw_code: '91564' });
  });

  test('a duplicate says that the first one went through: it asks for a look-up', async () => {
    const { perform, lookUp, world } = await braintreePair();
    const first = await perform(authorize());
    const { outcome } = await perform(authorize());
    expect(outcome).toEqual({ kind: 'unknown', reason: 'already_done' });
    world.forward(60_000);
    expect(await lookUp(authorize())).toEqual({ kind: 'found', outcome: first.outcome });
  });

  test('a refund of what is not settled yet is refused, and says why', async () => {
    const { perform, simulator } = await braintreePair();
    await simulator.post('/settings', { settlement_ms: 3600_000 });
    const { outcome } = await perform(authorize({ capture: true }));
    const id = outcome.kind === 'approved' ? outcome.provider_reference : '';
    expect((await perform(refund(id))).outcome).toMatchObject({
      kind: 'rejected',
      raw_code: '91506',
      message: 'Cannot refund transaction unless it is settled.',
    });
  });
});

describe('an outcome that nobody knows', () => {
  const approvedSale = async (pair: Awaited<ReturnType<typeof braintreePair>>) => {
    const { outcome } = await pair.perform(authorize());
    return outcome.kind === 'approved' ? outcome.provider_reference : '';
  };

  test.each([
    ['timeout_after', 'timeout'],
    ['reset_after', 'connection_reset'],
    ['error_after', 'server_error'],
    ['garbled', 'unreadable_answer'],
  ])('of a sale (%s) is told by the search, once it has caught up', async (fault, reason) => {
    const { perform, lookUp, arm, book, world } = await braintreePair();
    await arm('authorize', fault);
    expect((await perform(authorize())).outcome).toEqual({ kind: 'unknown', reason });
    expect(await lookUp(authorize())).toEqual({ kind: 'not_found' });
    world.forward(60_000);
    expect(await lookUp(authorize())).toMatchObject({
      kind: 'found',
      outcome: { ...APPROVED, amount: 4200 },
    });
    const booked = await book();
    expect(booked).toMatchObject({ authorized: 4200 });
    expect(booked?.calls.filter(({ operation }) => operation === 'authorize')).toHaveLength(1);
  });

  test.each(['timeout_after', 'error_after', 'garbled'])(
    'of a capture (%s) is told by the transaction',
    async (fault) => {
      const pair = await braintreePair();
      const id = await approvedSale(pair);
      await pair.arm('capture', fault);
      expect((await pair.perform(capture(id))).outcome).toMatchObject({ kind: 'unknown' });
      const found = { kind: 'found', outcome: { ...APPROVED, movement: `${id}/settlement`, amount: 4200 } };
      expect(await pair.lookUp(capture(id))).toMatchObject(found);
      expect((await pair.book())?.captures).toHaveLength(1);
    },
  );

  test('of a capture that never arrived is not found; of one that cannot come any more, refused', async () => {
    const pair = await braintreePair();
    const id = await approvedSale(pair);
    expect(await pair.lookUp(capture(id))).toEqual({ kind: 'not_found' });
    await pair.perform(voiding(id));
    expect(await pair.lookUp(capture(id))).toMatchObject({ kind: 'found', outcome: { kind: 'rejected' } });
  });

  test('of a void is told by the transaction', async () => {
    const pair = await braintreePair();
    const id = await approvedSale(pair);
    expect(await pair.lookUp(voiding(id))).toEqual({ kind: 'not_found' });
    await pair.arm('void', 'reset_after');
    expect((await pair.perform(voiding(id))).outcome).toEqual({
      kind: 'unknown',
      reason: 'connection_reset',
    });
    expect(await pair.lookUp(voiding(id))).toMatchObject({
      kind: 'found',
      outcome: { ...APPROVED, amount: 4200 },
    });
    // Asked once more by somebody else: it is done, and a look-up tells.
    expect((await pair.perform(voiding(id))).outcome).toEqual({ kind: 'unknown', reason: 'already_done' });
  });

  test('of a refund is told by the refunds of the transaction: ours is the one with our order id', async () => {
    const pair = await braintreePair();
    const id = await approvedSale(pair);
    await pair.perform(capture(id));
    const other = refund(id, { operation: 'op_01jd3q5v8mf6gt2wz9xk4c7h09', amount: 500 });
    await pair.perform(other);
    expect(await pair.lookUp(refund(id))).toEqual({ kind: 'not_found' });
    await pair.arm('refund', 'timeout_after');
    expect((await pair.perform(refund(id))).outcome).toEqual({ kind: 'unknown', reason: 'timeout' });
    expect(await pair.lookUp(refund(id))).toMatchObject({
      kind: 'found',
      outcome: { ...APPROVED, amount: 1000 },
    });
    expect(await pair.lookUp(other)).toMatchObject({ kind: 'found', outcome: { amount: 500 } });
    expect((await pair.book())?.refunds).toHaveLength(2);
  });

  test('is no evidence while the gateway cannot be asked', async () => {
    const pair = await braintreePair();
    const id = await approvedSale(pair);
    for (const [fault, reason] of [
      ['timeout_before', 'timeout'],
      ['error_before', 'server_error'],
      ['rate_limited', 'rate_limited'],
      ['garbled', 'http_201'],
    ] as const) {
      await pair.arm('lookup', fault);
      expect(await pair.lookUp(capture(id)), fault).toEqual({ kind: 'unavailable', reason });
    }
    expect(await pair.lookUp(capture('nowhere0'))).toEqual({ kind: 'unavailable', reason: 'http_404' });
  });
});

describe('a call that provably was not processed', () => {
  test('is told as not sent: nobody listens, or the gateway has too much to do', async () => {
    const pair = await braintreePair();
    await pair.arm('authorize', 'rate_limited');
    expect((await pair.perform(authorize())).outcome).toMatchObject({
      kind: 'not_sent',
      evidence: 'rate_limited',
    });
    await pair.simulator.close();
    expect((await pair.perform(authorize())).outcome).toMatchObject({
      kind: 'not_sent',
      evidence: 'connection_refused',
    });
  });

  test('with keys that Braintree does not take it is refused, and the probe says so', async () => {
    const { simulator } = await braintreePair();
    const url = simulator.dialectUrls.get('braintree') ?? '';
    const account = { ...accountAt(url), access: { merchantId: 'merchant', publicKey: '', privateKey: 'x' } };
    const connector = braintreeConnector({ account, world: realWorld(), limits: { timeoutMs: DEADLINE_MS } });
    const { outcome } = await connector.perform(authorize(), TRACE);
    expect(outcome).toMatchObject({ kind: 'rejected', raw_code: 'http_401' });
    expect(await connector.probe(TRACE)).toMatchObject({ credentials: 'refused' });
    await connector.close();
  });
});

describe('a void without an id', () => {
  test('finds by the search what it can, and says so when it finds nothing', async () => {
    const pair = await braintreePair();
    await pair.arm('authorize', 'timeout_after');
    await pair.perform(authorize());
    expect((await pair.perform(voiding(null))).outcome).toMatchObject({
      kind: 'rejected',
      raw_code: 'not_found',
    });
    pair.world.forward(60_000);
    expect((await pair.perform(voiding(null))).outcome).toMatchObject({ ...APPROVED, amount: 4200 });
    expect(await pair.lookUp(voiding(null))).toMatchObject({ kind: 'found', outcome: APPROVED });
    expect(await pair.book()).toMatchObject({ voided: 4200 });
  });
});

describe('a bank debit', () => {
  const debit = {
    capture: true,
    paymentMethod: { type: 'sepa_debit', token: 'fake-sepa-direct-debit-nonce' },
  } as const;

  test('is pending until its bank has decided, and read by its id from then on', async () => {
    const { perform, lookUp, world } = await braintreePair();
    const { outcome } = await perform(authorize(debit));
    expect(outcome).toMatchObject({ kind: 'pending' });
    const id = outcome.kind === 'pending' ? outcome.provider_reference : null;
    const known = authorize({ ...debit, providerReference: id });
    expect(await lookUp(known)).toMatchObject({ kind: 'found', outcome: { kind: 'pending' } });
    world.forward(3 * 24 * 3600_000);
    expect(await lookUp(known)).toMatchObject({
      kind: 'found',
      outcome: { ...APPROVED, amount_captured: 4200 },
    });
  });

  test('that is voided meanwhile held nothing, and its sale is off', async () => {
    const { perform, lookUp } = await braintreePair();
    const { outcome } = await perform(authorize(debit));
    const id = outcome.kind === 'pending' ? outcome.provider_reference : null;
    expect((await perform(voiding(id))).outcome).toMatchObject({ ...APPROVED, amount: 0 });
    expect(await lookUp(authorize({ ...debit, providerReference: id }))).toMatchObject({
      kind: 'found',
      outcome: { kind: 'rejected', raw_code: 'voided' },
    });
  });
});

describe('a merchant who may settle in parts', () => {
  const PARTS = { partial_settlement: true };

  test('captures each part as a transaction of its own, and refunds a part', async () => {
    const pair = await braintreePair(PARTS);
    expect(pair.connector.capabilities.multipleCaptures).toBe(true);
    const sale = await pair.perform(authorize());
    const id = sale.outcome.kind === 'approved' ? sale.outcome.provider_reference : '';
    const one = capture(id, { amount: 1500, final: false });
    const { outcome } = await pair.perform(one);
    expect(outcome).toMatchObject({ ...APPROVED, provider_reference: id, amount: 1500 });
    const part = outcome.kind === 'approved' ? (outcome.movement ?? '') : '';
    expect(part).not.toContain(id);

    const two = capture(id, { operation: 'op_01jd3q5v8mf6gt2wz9xk4c7h07', amount: 700 });
    expect(await pair.lookUp(two)).toEqual({ kind: 'not_found' });
    await pair.arm('capture', 'timeout_after');
    expect((await pair.perform(two)).outcome).toMatchObject({ kind: 'unknown' });
    expect(await pair.lookUp(two)).toMatchObject({ kind: 'found', outcome: { ...APPROVED, amount: 700 } });
    expect(await pair.lookUp(one)).toMatchObject({
      kind: 'found',
      outcome: { movement: part, amount: 1500 },
    });
    expect(await pair.lookUp(authorize())).toMatchObject({ kind: 'not_found' });
    expect(await pair.book()).toMatchObject({ captured: 2200, voided: 2000 });

    const given = refund(id, { captureReference: part, amount: 1000 });
    expect((await pair.perform(given)).outcome).toMatchObject({
      ...APPROVED,
      provider_reference: id,
      amount: 1000,
    });
    expect(await pair.lookUp(given)).toMatchObject({ kind: 'found', outcome: { amount: 1000 } });
  });

  test('only if the account says so', async () => {
    const { connector } = await braintreePair();
    expect(connector.capabilities).toMatchObject({ multipleCaptures: false, idempotency: null });
  });
});

test('an answer in another currency, or of another transaction, is no answer', async () => {
  const pair = await braintreePair({ merchant_accounts: 'EUR=acme_usd' });
  expect((await pair.perform(authorize())).outcome).toEqual({ kind: 'unknown', reason: 'unreadable_answer' });
});

test('the probe names the merchant accounts that settle in another currency than they are configured for', async () => {
  const inOrder = await braintreePair();
  const look = await inOrder.connector.probe(TRACE);
  expect(look).toMatchObject({ credentials: 'accepted', contradictions: [] });
  const { connector } = await braintreePair({ merchant_accounts: 'EUR=acme_usd,JPY=acme_jpy,USD=no.such' });
  expect((await connector.probe(TRACE)).contradictions).toEqual([
    'merchant_accounts, EUR=acme_usd: it settles in USD',
    'merchant_accounts, USD=no.such: Braintree knows none of this name',
  ]);
});

test('whether an authorisation has lapsed is asked of the transaction', async () => {
  const pair = await braintreePair();
  const { outcome } = await pair.perform(authorize());
  const id = outcome.kind === 'approved' ? outcome.provider_reference : '';
  expect(await pair.connector.hasExpired(id, TRACE)).toBe(false);
  pair.world.forward(8 * 24 * 3600_000);
  expect(await pair.connector.hasExpired(id, TRACE)).toBe(true);
  expect(await pair.connector.hasExpired('nowhere0', TRACE)).toBeNull();
});

test('a part that was submitted in the control panel leaves nothing to be captured', async () => {
  const pair = await braintreePair();
  const { outcome } = await pair.perform(authorize());
  const id = outcome.kind === 'approved' ? outcome.provider_reference : '';
  await pair.simulator.post(`/charges/${id}/capture`, { amount: 1 });
  expect(await pair.connector.hasExpired(id, TRACE)).toBe(true);
});

test.each(['EUR', 'EUR=', 'XXX=acme', 'EUR=a=b', ''])(
  'merchant accounts %j cannot be meant',
  (merchant_accounts) => {
    expect(() => accountAt(null, { merchant_accounts })).toThrow('needs the setting merchant_accounts');
  },
);

test('without an address of its own an account is at the sandbox, and a live one at Braintree', () => {
  expect(accountAt(null).url).toBe('https://api.sandbox.braintreegateway.com');
});
