import { describe, expect, test } from 'vitest';
import type { ProviderRequest } from '../port.ts';
import { authorize, capture, complete, refund, TRACE, voiding } from '../simulator/test-kit.ts';
import { KEY, OURS, ours, saying, testPair } from './test-kit.ts';

type Pair = Awaited<ReturnType<typeof testPair>>;

const sale = (token = 'tok_approve', more: object = {}) => authorize(token, { ...ours(1), ...more });
const hold = (token = 'tok_approve') => sale(token, { capture: false });
const PENDING = { kind: 'pending' };

async function held({ perform }: Pair): Promise<string> {
  const outcome = await perform(hold());
  if (outcome.kind !== 'approved') throw new Error(`expected an approval, got ${outcome.kind}`);
  return outcome.provider_reference;
}

describe('a payment', () => {
  test('a sale is captured with its approval, and says what is known of the card', async () => {
    const { perform, book } = await testPair();
    expect(await perform(sale())).toMatchObject({
      kind: 'approved',
      amount: 4200,
      amount_captured: 4200,
      movement: null,
      details: { last4: '4242', bin: '424242', cvc_result: 'Y' },
    });
    expect(await book()).toMatchObject({ captured: 4200, reference: OURS.reference, attempt: OURS.attempt });
  });

  test('a capture, a refund and a void are accepted, and the look-up says how they ended', async () => {
    const pair = await testPair();
    const id = await held(pair);
    const captured = capture(id, ours(2));
    expect(await pair.perform(captured)).toMatchObject(PENDING);
    expect(await pair.lookUp(captured)).toMatchObject({ outcome: { kind: 'approved', amount: 1000 } });
    const refunded = refund(id, ours(3));
    expect(await pair.perform(refunded)).toMatchObject(PENDING);
    const { refunds } = (await pair.book()) ?? {};
    expect(await pair.lookUp(refunded)).toMatchObject({
      outcome: { kind: 'approved', amount: 500, movement: refunds?.[0]?.id },
    });
  });

  test('a customer who has to confirm is sent to the bank; afterwards the payment says how it ended', async () => {
    const { perform } = await testPair();
    const asked = await perform(hold('tok_3ds'));
    if (asked.kind !== 'requires_action') throw new Error(`expected a challenge, got ${asked.kind}`);
    const finish = complete(asked.provider_reference);
    const request = { ...finish, ...ours(2) };
    expect(await perform(request)).toMatchObject({ kind: 'requires_action' });
    await fetch(`${asked.action.url}/approve`, { method: 'POST', redirect: 'manual' });
    expect(await perform(request)).toMatchObject({ kind: 'approved', amount: 4200, amount_captured: 0 });
  });

  test('a challenge that is failed tells why', async () => {
    const { perform } = await testPair();
    const asked = await perform(hold('tok_3ds'));
    if (asked.kind !== 'requires_action') throw new Error(`expected a challenge, got ${asked.kind}`);
    await fetch(`${asked.action.url}/fail`, { method: 'POST', redirect: 'manual' });
    expect(await perform({ ...complete(asked.provider_reference), ...ours(2) })).toMatchObject({
      kind: 'declined',
      decline: { reason: 'authentication_failed', raw_code: '20151' },
    });
  });

  test('a card that needs its owner is declined while they are away', async () => {
    const { perform } = await testPair();
    expect(await perform(sale('tok_3ds', { offSession: true }))).toMatchObject({
      kind: 'declined',
      decline: { category: 'needs_authentication' },
    });
  });

  test('any response code can be had, and keeps its own name', async () => {
    const { perform } = await testPair();
    expect(await perform(sale('tok_decline_20062'))).toMatchObject({
      decline: { reason: 'restricted_card', raw_code: '20062' },
    });
  });

  test('what Checkout.com cannot be told exactly is refused before any call', async () => {
    const { perform, simulator } = await testPair();
    const outcome = await perform(sale('tok_approve', { currency: 'KWD', amount: 1234 }));
    expect(outcome).toMatchObject({ kind: 'rejected', raw_code: 'amount_not_representable' });
    expect(await simulator.books()).toMatchObject({ charges: [], calls_without_charge: [] });
  });

  test('an authorisation that lapsed', async () => {
    const pair = await testPair();
    const id = await held(pair);
    expect(await pair.connector.hasExpired(id, TRACE)).toBe(false);
    await pair.simulator.post(`/charges/${id}/expire`, {});
    expect(await pair.connector.hasExpired(id, TRACE)).toBe(true);
  });
});

describe('an outcome that nobody told', () => {
  test.each(['timeout_after', 'error_after', 'reset_after', 'garbled'])(
    '%s: unknown, and found by our reference',
    async (fault) => {
      const { perform, lookUp, simulator } = await testPair();
      await simulator.post('/faults', { operation: 'authorize', fault });
      expect(await perform(sale())).toMatchObject({ kind: 'unknown' });
      expect(await lookUp(sale())).toMatchObject({ kind: 'found', outcome: { amount_captured: 4200 } });
    },
  );

  test('after an error the key is free, so that sending it again would pay twice: the look-up comes first', async () => {
    const { perform, simulator } = await testPair();
    await simulator.post('/faults', { operation: 'authorize', fault: 'error_after' });
    await perform(sale());
    await perform(sale());
    expect((await simulator.books()).charges).toHaveLength(2);
    await perform(sale());
    expect((await simulator.books()).charges).toHaveLength(2);
  });

  test('a capture that is refused because it has been done was ours', async () => {
    const pair = await testPair();
    const request = capture(await held(pair), { ...ours(2), amount: 4200 });
    await pair.simulator.post('/faults', { operation: 'capture', fault: 'error_after' });
    expect(await pair.perform(request)).toEqual({ kind: 'unknown', reason: 'server_error' });
    expect(await pair.perform(request)).toMatchObject({ kind: 'approved', amount: 4200 });
    const other = { ...request, ...ours(3) };
    expect(await pair.perform(other)).toMatchObject({ kind: 'rejected', raw_code: 'already_captured' });
  });

  test('a payment whose id nobody told us is voided by our reference', async () => {
    const pair = await testPair();
    await held(pair);
    const request = { ...voiding(null), ...ours(2) };
    expect(await pair.perform(request)).toMatchObject(PENDING);
    expect(await pair.lookUp(request)).toMatchObject({ outcome: { kind: 'approved', amount: 4200 } });
    expect(await pair.book()).toMatchObject({ voided: 4200 });
  });

  test('there is nothing of a payment that never arrived', async () => {
    const { lookUp } = await testPair();
    expect(await lookUp(sale())).toEqual({ kind: 'not_found' });
  });

  test('a list that was cut short does not say that there is nothing, nor that the key may be sent again', async () => {
    const { lookUp } = await saying(200, { data: [], total_count: 1 });
    expect(await lookUp(sale())).toMatchObject({ kind: 'unavailable' });
  });

  test('a payment that is not there is no word on what became of its capture', async () => {
    const { lookUp } = await testPair();
    expect(await lookUp(capture('pay_unknown', ours(2)))).toEqual({
      kind: 'unavailable',
      reason: 'http_404',
    });
  });
});

describe('only what Checkout.com itself says is an ending', () => {
  const ID = 'pay_mbabizu24mvu3mela5njyhpit4';
  const approval = { id: ID, status: 'Authorized', approved: true, amount: 4200, currency: 'EUR' };
  const answered = { ...approval, reference: OURS.reference };

  test('the one that all others differ from is an approval', async () => {
    const { perform } = await saying(201, answered);
    expect(await perform(hold())).toMatchObject({ kind: 'approved', provider_reference: ID });
  });

  test.each<[string, number, object | string, object]>([
    ['another reference', 201, { ...answered, reference: 'pay_of_somebody' }, { kind: 'unknown' }],
    ['another currency', 201, { ...answered, currency: 'USD' }, { kind: 'unknown' }],
    ['no amount', 201, { ...answered, amount: '42.00' }, { kind: 'unknown' }],
    ['a status that is new', 201, { ...answered, status: 'Considered' }, { kind: 'unknown' }],
    ['a key that is refused: nothing was looked at', 401, '', { kind: 'not_sent', evidence: 'not_begun' }],
    ['no words', 403, '', { kind: 'unknown', reason: 'unreadable_answer' }],
    ['429, which may be its key at work', 429, '', { kind: 'unknown', reason: 'in_flight' }],
    ['an error', 500, { error_type: 'request_invalid' }, { kind: 'unknown', reason: 'server_error' }],
    [
      'a refusal',
      422,
      { error_type: 'request_invalid', error_codes: ['token_expired'] },
      { kind: 'rejected', raw_code: 'token_expired' },
    ],
  ])('%s', async (_, status, body, outcome) => {
    const { perform } = await saying(status, body);
    expect(await perform(hold())).toMatchObject(outcome);
  });

  test('an action that is another one’s, or was done before, is no acceptance', async () => {
    const request: ProviderRequest = capture(ID, ours(2));
    const other = await saying(202, { action_id: 'act_1', reference: 'op_of_somebody' });
    expect(await other.perform(request)).toEqual({ kind: 'unknown', reason: 'unreadable_answer' });
    const before = await saying(200, { action_id: 'act_1' });
    expect(await before.perform(request)).toEqual({ kind: 'unknown', reason: 'already_done' });
  });
});

test('a call carries its key; its record holds no token and no secret', async () => {
  const { connector, book } = await testPair();
  const { call } = await connector.perform(sale(), TRACE);
  expect((await book())?.calls[0]?.key).toBe(ours(1).operation);
  expect(call.request).toMatchObject({ amount: 4200, 'source.type': 'token' });
  expect(call.response).toMatchObject({ status: 'Authorized', response_code: '10000' });
  expect(JSON.stringify(call)).not.toMatch(new RegExp(`tok_approve|${KEY}|4242`));
});

test('the probe says whether the key is taken', async () => {
  const { connector } = await testPair();
  expect(await connector.probe(TRACE)).toMatchObject({ credentials: 'accepted' });
  const refusing = await saying(401, '');
  expect(await refusing.connector.probe(TRACE)).toMatchObject({ credentials: 'refused' });
});
