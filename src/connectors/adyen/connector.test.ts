import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../core/outcome.ts';
import {
  API_KEY,
  authorize,
  COMMON,
  capture,
  complete,
  refund,
  saying,
  TRACE,
  testPair,
  voiding,
} from './test-kit.ts';

const PSP = 'QFQTPCQ8HXSKGK82';
const REFERENCE = `${COMMON.reference}.${COMMON.attempt}`;
const approved = (more: object = {}) => ({
  pspReference: PSP,
  resultCode: 'Authorised',
  merchantReference: REFERENCE,
  amount: { currency: 'EUR', value: 4200 },
  ...more,
});
const UNREADABLE: Outcome = { kind: 'unknown', reason: 'unreadable_answer' };

describe('an answer counts for what it says of this payment', () => {
  test('approved: reference, amount and what Adyen tells of the card', async () => {
    const { perform, book } = await testPair();
    expect(await perform(authorize())).toEqual({
      kind: 'approved',
      provider_reference: (await book())?.provider_reference,
      movement: null,
      amount: 4200,
      amount_captured: 0,
      details: {
        authorization_code: expect.stringMatching(/^\d{6}$/),
        bin: '411111',
        last4: '1111',
        avs_result: '7 Both match',
        cvc_result: '1 Matches',
        eci: '07',
        network_transaction_id: expect.stringMatching(/^\d{15}$/),
      },
      provider_at: null,
    });
    expect(await book()).toMatchObject({ reference: COMMON.reference, attempt: COMMON.attempt, captured: 0 });
  });

  test('a sale is captured with its approval', async () => {
    const { perform, book } = await testPair();
    expect(await perform(authorize({ capture: true }))).toMatchObject({
      kind: 'approved',
      amount_captured: 4200,
    });
    expect(await book()).toMatchObject({ captured: 4200 });
  });

  test.each<[string, object]>([
    ['another currency', approved({ amount: { currency: 'USD', value: 4200 } })],
    ['no amount', approved({ amount: undefined })],
    ['an amount that is none', approved({ amount: { currency: 'EUR', value: 42.5 } })],
    ['another payment', approved({ merchantReference: 'order-7' })],
    ['another attempt', approved({ merchantReference: REFERENCE.replace(/.$/, '0') })],
    ['nobody’s payment', approved({ merchantReference: undefined })],
    ['no reference of Adyen’s', approved({ pspReference: undefined })],
    ['a result that nobody knows', approved({ resultCode: 'Splendid' })],
    ['no result', {}],
    [
      'a form to be posted',
      { resultCode: 'RedirectShopper', action: { type: 'redirect', method: 'POST', url: 'https://a.test' } },
    ],
    ['a list', []],
  ])('%s: unreadable, and the money may have moved', async (_, body) => {
    const { perform } = await saying(200, body);
    expect(await perform(authorize())).toEqual(UNREADABLE);
  });

  test('less than asked is told as it is', async () => {
    const { perform } = await saying(
      200,
      approved({ resultCode: 'PartiallyAuthorised', amount: { currency: 'EUR', value: 1000 } }),
    );
    expect(await perform(authorize())).toMatchObject({ kind: 'approved', amount: 1000 });
  });

  test.each([
    ['Refused', '12', 'insufficient_funds'],
    ['Error', '4', 'processing_error'],
    ['Cancelled', '22', 'suspected_fraud'],
    ['Refused', '777', 'unmapped'],
    ['Refused', undefined, 'unmapped'],
  ])('%s with %s: declined as %s', async (resultCode, refusalReasonCode, reason) => {
    const { perform } = await saying(200, {
      resultCode,
      refusalReasonCode,
      pspReference: PSP,
      merchantReference: REFERENCE,
    });
    expect(await perform(authorize())).toMatchObject({
      kind: 'declined',
      decline: { reason, raw_code: refusalReasonCode ?? resultCode },
    });
  });
});

describe('errors', () => {
  test.each<[number, object | string, object]>([
    [
      422,
      { status: 422, errorCode: '137', errorType: 'validation', message: 'Invalid amount specified' },
      { kind: 'rejected', raw_code: '137' },
    ],
    [
      401,
      { status: 401, errorCode: '000', errorType: 'security', message: 'Unauthorized' },
      { kind: 'not_sent', evidence: 'not_begun' },
    ],
    [
      403,
      { status: 403, errorCode: '901', errorType: 'security', message: 'Invalid Merchant Account' },
      { kind: 'not_sent', evidence: 'not_begun' },
    ],
    [
      500,
      {
        status: 500,
        errorCode: '905',
        errorType: 'configuration',
        message: 'Payment details are not supported',
      },
      { kind: 'rejected', raw_code: '905' },
    ],
    [
      500,
      { status: 500, errorCode: '000', errorType: 'internal', message: 'An internal error occurred' },
      { kind: 'unknown', reason: 'server_error' },
    ],
    [503, '<html>', { kind: 'unknown', reason: 'server_error' }],
    [
      422,
      {
        status: 422,
        errorCode: '704',
        errorType: 'validation',
        message: 'request already processed or in progress',
      },
      { kind: 'unknown', reason: 'in_flight' },
    ],
    [429, {}, { kind: 'not_sent', evidence: 'rate_limited' }],
    [404, { message: 'a proxy says no' }, UNREADABLE],
    [403, 'Forbidden by a firewall', UNREADABLE],
    [200, '{"pspReference":"QFQ', UNREADABLE],
  ])('HTTP %i %j: %j', async (status, body, outcome) => {
    const { perform } = await saying(status, body);
    expect(await perform(authorize())).toMatchObject(outcome);
  });

  test('no answer within the deadline: the money may have moved', async () => {
    const { perform, simulator, book } = await testPair();
    await simulator.post('/faults', { operation: 'authorize', fault: 'timeout_after' });
    expect(await perform(authorize())).toEqual({ kind: 'unknown', reason: 'timeout' });
    expect(await book()).toMatchObject({ authorized: 4200 });
    expect(await perform(authorize())).toMatchObject({ kind: 'approved', amount: 4200 });
    expect((await simulator.books()).charges).toHaveLength(1);
  });
});

describe('modifications are under way once Adyen has received them', () => {
  const received = {
    status: 'received',
    pspReference: 'TJQTPCQ8HXSKGK83',
    paymentPspReference: PSP,
    merchantAccount: 'TestMerchant',
  };

  test.each([capture(PSP), refund(PSP), voiding(PSP)])('$kind', async (request) => {
    const { perform } = await saying(201, received);
    expect(await perform(request)).toEqual({ kind: 'pending', provider_reference: PSP });
  });

  test.each<[string, object]>([
    ['another payment', { ...received, paymentPspReference: 'AAAAAAAAAAAAAAAA' }],
    ['no payment', { ...received, paymentPspReference: undefined }],
    ['another word', { ...received, status: 'done' }],
    ['no reference', { ...received, pspReference: undefined }],
  ])('%s: unreadable', async (_, body) => {
    const { perform } = await saying(201, body);
    expect(await perform(capture(PSP))).toEqual(UNREADABLE);
  });

  test('a payment that Adyen has not heard of is cancelled by our reference, that of the very attempt', async () => {
    const { perform, exchanges, book } = await testPair();
    await perform(authorize());
    expect(await perform(voiding(null))).toEqual({ kind: 'pending', provider_reference: null });
    expect(exchanges[1]).toMatchObject({ path: '/v72/cancels', asked: { paymentReference: REFERENCE } });
    expect(await book()).toMatchObject({ status: 'voided' });
  });
});

describe('a redirect', () => {
  test('to a bank has no reference of Adyen’s yet: ours stands in its place, and cancels it', async () => {
    const { perform, book } = await testPair();
    const asked = await perform(authorize({ capture: true, paymentMethod: { type: 'ideal' } }));
    if (asked.kind !== 'requires_action') throw new Error(asked.kind);
    expect(asked.provider_reference).toBe(REFERENCE);
    const cancel = {
      ...voiding(asked.provider_reference),
      asked: { capture: true, method: 'ideal' as const },
    };
    expect(await perform(cancel)).toEqual({ kind: 'pending', provider_reference: null });
    expect(await book()).toMatchObject({ status: 'voided' });
  });

  test('that brought nothing back is waited for, and no call is made', async () => {
    const { perform, exchanges } = await testPair();
    for (const returned of [null, '', 'a=1', 'redirectResult='])
      expect(await perform(complete(PSP, returned))).toEqual({ kind: 'pending', provider_reference: PSP });
    expect(exchanges).toEqual([]);
  });

  test('that brought back the result of another payment approves nothing', async () => {
    const { perform } = await saying(
      200,
      approved({ merchantReference: `${COMMON.reference}.att_01h455vb4pex5vsknk084sn02q` }),
    );
    expect(await perform(complete(PSP, 'redirectResult=stolen'))).toEqual(UNREADABLE);
  });
});

test('an amount that has no number at Adyen is refused before any call', async () => {
  const { perform, exchanges } = await testPair();
  for (const request of [authorize(), capture(PSP), refund(PSP)]) {
    const outcome = await perform({ ...request, currency: 'IDR', amount: 150 });
    expect(outcome).toMatchObject({ kind: 'rejected', raw_code: 'amount_not_representable' });
  }
  expect(exchanges).toEqual([]);
});

test('the key is the operation’s id, the same on every call, within Adyen’s 64 characters', async () => {
  const { perform, exchanges } = await testPair();
  await perform(authorize());
  await perform(authorize());
  await perform({ ...authorize(), operation: `op_${'x'.repeat(90)}` });
  expect(exchanges.map(({ key }) => key)).toEqual([
    authorize().operation,
    authorize().operation,
    `op_${'x'.repeat(61)}`,
  ]);
});

test('the record of a call holds what was asked and answered, and no token, key or result of a redirect', async () => {
  const { connector } = await testPair();
  const token = 'tok_decline_expired_card';
  const { call } = await connector.perform(authorize({ paymentMethod: { type: 'card', token } }), TRACE);
  expect(call).toMatchObject({
    endpoint: 'POST /payments',
    http_status: 200,
    raw_code: '6',
    request: { reference: REFERENCE, 'amount.value': 4200, 'paymentMethod.type': 'scheme' },
    response: { resultCode: 'Refused', refusalReasonCode: '6' },
  });
  const details = await connector.perform(complete(PSP, 'redirectResult=something-private'), TRACE);
  const text = JSON.stringify([call, details.call]);
  for (const secret of [token, API_KEY, 'something-private']) expect(text).not.toContain(secret);
});

test.each([
  [200, {}, 'accepted'],
  [401, { errorCode: '000' }, 'refused'],
  [403, { errorCode: '901' }, 'refused'],
  [500, {}, 'not_known'],
])('a probe that is answered %i %j: credentials %s', async (status, body, credentials) => {
  const { connector } = await saying(status, body);
  expect(await connector.probe(TRACE)).toMatchObject({ credentials, clockDifferenceMs: expect.any(Number) });
});
