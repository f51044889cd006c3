import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { DECLINE_REASONS } from '../../core/declines.ts';
import { mintId } from '../../core/ids.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { AccountConfig } from '../../ops/accounts.ts';
import { realWorld } from '../../ops/world.ts';
import type { Fault } from '../../simulator/faults.ts';
import type { AuthorizeRequest, ProviderRequest } from '../port.ts';
import { authorize, capture, complete, refund, TRACE, voiding } from '../simulator/test-kit.ts';
import { STRIPE_VERSION } from './connector.ts';
import { STRIPE } from './register.ts';
import { sayingStripe, testPair } from './test-kit.ts';

type Pair = Awaited<ReturnType<typeof testPair>>;
type Kind = 'authorize' | 'capture' | 'void' | 'refund';

const VISA = 'pm_card_visa';
const MISSING = { error: { type: 'invalid_request_error', code: 'resource_missing' } };
const KINDS: Kind[] = ['authorize', 'capture', 'void', 'refund'];

test('the version that is spoken is the one of the SDK whose types are used', () => {
  expect(STRIPE_VERSION).toBe(Stripe.API_VERSION);
});

describe('payments by card', () => {
  test('a sale: what moved, and what Stripe tells of the card', async () => {
    const { perform, lookUp, book } = await testPair();
    const outcome = await perform(authorize(VISA));
    expect(outcome).toEqual({
      kind: 'approved',
      provider_reference: expect.stringMatching(/^pi_/),
      movement: expect.stringMatching(/^ch_/),
      amount: 4200,
      amount_captured: 4200,
      details: {
        authorization_code: null,
        bin: null,
        last4: '4242',
        avs_result: 'pass',
        cvc_result: expect.toSatisfy((value) => value === null || value === 'pass'),
        eci: '07',
        network_transaction_id: expect.any(String),
      },
      provider_at: expect.stringMatching(/Z$/),
    });
    expect(await book()).toMatchObject({ authorized: 4200, captured: 4200, reference: 'pay_1' });
    expect(await lookUp(authorize(VISA))).toEqual({ kind: 'found', outcome });
  });

  test('an authorisation, two captures, the rest released: each capture is known by its operation', async () => {
    const { perform, lookUp, book } = await testPair();
    const reference = await held(perform);
    const first = capture(reference, { operation: 'op_first', amount: 1000, final: false });
    const second = capture(reference, { operation: 'op_second', amount: 700 });
    expect(await perform(first)).toMatchObject({ kind: 'approved', amount: 1000, movement: null });
    expect(await perform(second)).toMatchObject({ kind: 'approved', amount: 700 });
    expect(await book()).toMatchObject({ authorized: 4200, captured: 1700 });
    expect(await lookUp(first)).toMatchObject({ outcome: { amount: 1000 } });
    expect(await lookUp(second)).toMatchObject({ outcome: { amount: 700 } });
    expect(await lookUp(capture(reference, { operation: 'op_third' }))).toEqual({ kind: 'not_found' });
    const authorized = authorize(VISA, { capture: false });
    expect(await lookUp(authorized)).toMatchObject({ outcome: { amount: 4200, amount_captured: 0 } });
  });

  test.each(DECLINE_REASONS)('tok_decline_%s is declined for this reason', async (reason) => {
    const { perform } = await testPair();
    const outcome = await perform(authorize(`tok_decline_${reason}`));
    // Stripe has one code for a challenge that was failed and one that was left.
    const wished = reason === 'authentication_abandoned' ? 'authentication_failed' : reason;
    expect(outcome).toMatchObject({ kind: 'declined', decline: { reason: wished } });
    expect(outcome.kind === 'declined' && outcome.provider_reference).toMatch(/^pi_/);
  });

  test('a customer who has to confirm is sent to the bank; afterwards the payment says how it ended', async () => {
    const { perform, lookUp } = await testPair();
    const asked = await perform(authorize('pm_card_threeDSecure2Required'));
    if (asked.kind !== 'requires_action') throw new Error(`expected a challenge, got ${asked.kind}`);
    const completing = complete(asked.provider_reference);
    expect(await perform(completing)).toMatchObject({ kind: 'requires_action', answered: false });
    await fetch(`${asked.action.url}/approve`, { method: 'POST', redirect: 'manual' });
    expect(await perform(completing)).toMatchObject({ kind: 'approved', details: { eci: '05' } });
    expect(await lookUp(completing)).toMatchObject({ kind: 'found', outcome: { kind: 'approved' } });
  });

  test('an answer that is asked for in vain says nothing of the charge: Stripe goes on without us', async () => {
    const { perform, simulator } = await testPair();
    const asked = await perform(authorize('pm_card_threeDSecure2Required'));
    if (asked.kind !== 'requires_action') throw new Error(`expected a challenge, got ${asked.kind}`);
    await fetch(`${asked.action.url}/approve`, { method: 'POST', redirect: 'manual' });
    await simulator.post('/faults', { operation: 'lookup', fault: 'rate_limited', times: 1 });
    expect(await perform(complete(asked.provider_reference))).toMatchObject({ kind: 'unknown' });
    await simulator.close();
    expect(await perform(complete(asked.provider_reference))).toMatchObject({ kind: 'unknown' });
  });

  test('a card that needs its owner is declined while they are away', async () => {
    const { perform } = await testPair();
    const away = authorize('pm_card_authenticationRequired', { offSession: true });
    expect(await perform(away)).toMatchObject({
      kind: 'declined',
      decline: { reason: 'authentication_required', raw_code: 'authentication_required' },
    });
  });

  test('a method that Stripe keeps is charged with its customer while they are away', async () => {
    const { perform, url, book } = await testPair();
    const { hostname, port } = new URL(url);
    const sdk = new Stripe('sk_test_simulator', { host: hostname, port: Number(port), protocol: 'http' });
    const { id: customer } = await sdk.customers.create({});
    const { id: token } = await sdk.paymentMethods.attach(VISA, { customer });
    const paymentMethod = { type: 'card', token, stored: true, customer } as const;
    const outcome = await perform(authorize('', { paymentMethod, offSession: true }));
    expect(outcome).toMatchObject({ kind: 'approved', amount: 4200 });
    expect(await book()).toMatchObject({ captured: 4200 });
  });

  test.each(['apple_pay', 'google_pay'] as const)('the token of %s is passed on', async (type) => {
    const { perform } = await testPair();
    const tokens = ['tok_visa', 'pm_card_visa', JSON.stringify({ id: 'tok_visa', object: 'token' })];
    for (const [n, token] of tokens.entries()) {
      const asked = authorize('', {
        paymentMethod: { type, token },
        operation: `op_${n}`,
        attempt: `att_${n}`,
      });
      expect(await perform(asked)).toMatchObject({ kind: 'approved', amount: 4200 });
    }
  });
});

describe('amounts', () => {
  test.each([
    ['ISK', 5],
    ['UGX', 4200],
    ['KWD', 4200],
    ['MGA', 4200],
  ])('%s goes and comes back exactly', async (currency, amount) => {
    const { perform, book } = await testPair();
    const sale = await perform(authorize(VISA, { currency, amount }));
    expect(sale).toMatchObject({ kind: 'approved', amount, amount_captured: amount });
    expect(await book()).toMatchObject({ currency, captured: amount });
  });

  test('what Stripe could not be told exactly is refused before any call', async () => {
    const { asked, perform } = await sayingStripe(200, {});
    const outcome = await perform(authorize(VISA, { currency: 'KWD', amount: 4205 }));
    expect(outcome).toMatchObject({ kind: 'rejected', raw_code: 'amount_not_representable' });
    expect(asked).toEqual([]);
  });
});

describe('what happens to a call', () => {
  const FAULTS: [Fault, object, boolean][] = [
    ['timeout_before', { kind: 'unknown', reason: 'timeout' }, false],
    ['timeout_after', { kind: 'unknown', reason: 'timeout' }, true],
    ['error_before', { kind: 'unknown', reason: 'server_error' }, false],
    ['error_after', { kind: 'unknown', reason: 'server_error' }, true],
    ['reset_before', { kind: 'unknown', reason: 'connection_reset' }, false],
    ['reset_after', { kind: 'unknown', reason: 'connection_reset' }, true],
    ['rate_limited', { kind: 'not_sent', evidence: 'rate_limited' }, false],
    ['in_flight', { kind: 'unknown', reason: 'in_flight' }, false],
    ['garbled', { kind: 'unknown', reason: 'unreadable_answer' }, true],
    ['slow', { kind: 'approved' }, true],
  ];

  test.each(
    KINDS.flatMap((kind) => FAULTS.map(([fault, wished, moved]) => [kind, fault, wished, moved] as const)),
  )('%s, %s: said as it is, and the look-up tells the truth', async (kind, fault, wished, moved) => {
    const pair = await testPair();
    const request = await prepare(pair, kind);
    await pair.simulator.post('/faults', { operation: kind, fault });
    expect(await pair.perform(request)).toMatchObject(wished);
    const found = await pair.lookUp(request);
    if (moved) expect(found).toMatchObject({ kind: 'found', outcome: { kind: 'approved' } });
    else expect(found).toEqual({ kind: 'not_found' });
  });

  test.each(KINDS)(
    '%s: an error that Stripe keeps for the key is not asked for twice in vain',
    async (kind) => {
      const pair = await testPair();
      const request = await prepare(pair, kind);
      await pair.simulator.post('/faults', { operation: kind, fault: 'error_before' });
      expect((await pair.perform(request)).kind).toBe('unknown');
      expect(await pair.perform(request)).toMatchObject({ kind: 'not_sent', evidence: 'lookup' });
    },
  );

  test.each(KINDS)('%s: an error after the money moved ends in what was done, once', async (kind) => {
    const pair = await testPair();
    const request = await prepare(pair, kind);
    await pair.simulator.post('/faults', { operation: kind, fault: 'error_after' });
    expect((await pair.perform(request)).kind).toBe('unknown');
    expect(await pair.perform(request)).toMatchObject({ kind: 'approved' });
    expect((await pair.simulator.books()).charges).toHaveLength(1);
  });

  test('nobody there: nothing was sent', async () => {
    const { perform, simulator } = await testPair();
    await simulator.post('/outage', { mode: 'down' });
    expect((await perform(authorize(VISA))).kind).not.toBe('approved');
    await simulator.close();
    expect(await perform(authorize(VISA))).toMatchObject({
      kind: 'not_sent',
      evidence: 'connection_refused',
    });
  });

  test('no trace of a call that may still be at work is no evidence yet; after a minute and a half it is', async () => {
    const { lookUp, world } = await testPair();
    const asked = authorize(VISA, { operation: mintId('operation', world.now(), world.randomBytes(10)) });
    expect(await lookUp(asked)).toMatchObject({
      kind: 'undecided',
      awaits: expect.stringMatching(/at work/),
    });
    world.forward(91_000);
    expect(await lookUp(asked)).toEqual({ kind: 'not_found' });
  });

  test('a key that was used with other words is looked after, once its first request must be over', async () => {
    const { connector, world, url } = await testPair();
    const operation = mintId('operation', world.now(), world.randomBytes(10));
    const headers = { authorization: 'Bearer sk_test_simulator', 'idempotency-key': operation };
    await fetch(`${url}/v1/payment_intents`, { method: 'POST', headers, body: 'amount=1&currency=eur' });
    const perform = async () => (await connector.perform(authorize(VISA, { operation }), TRACE)).outcome;
    expect(await perform()).toEqual({ kind: 'unknown', reason: 'already_done' });
    world.forward(91_000);
    expect(await perform()).toMatchObject({ kind: 'not_sent', evidence: 'lookup' });
  });

  test('once Stripe has named the payment it is asked for by that name alone', async () => {
    const { asked, lookUp } = await sayingStripe(200, { object: 'payment_intent' });
    await lookUp(authorize(VISA, { providerReference: 'pi_1' }));
    expect(asked.map(({ url }) => url)).toEqual(['/v1/payment_intents/pi_1?expand%5B0%5D=latest_charge']);
  });

  test.each<[string, number, unknown, Partial<AuthorizeRequest>, object]>([
    [
      'Stripe’s own word that there is none',
      404,
      MISSING,
      { providerReference: 'pi_1' },
      { kind: 'not_found' },
    ],
    ['a 404 of a proxy', 404, '<html>', { providerReference: 'pi_1' }, { kind: 'unavailable' }],
    ['too many requests', 429, MISSING, {}, { kind: 'unavailable', reason: 'rate_limited' }],
    ['a list that is none', 200, { data: 'all' }, {}, { kind: 'unavailable', reason: 'unreadable_answer' }],
    ['an empty list', 200, { data: [], has_more: false }, {}, { kind: 'not_found' }],
  ])('a look-up that gets %s', async (_, status, body, overrides, wished) => {
    const { lookUp } = await sayingStripe(status, body);
    expect(await lookUp(authorize(VISA, overrides))).toEqual(expect.objectContaining(wished));
  });

  test('a look-up that fails is no evidence', async () => {
    const { lookUp, simulator } = await testPair();
    await simulator.post('/faults', { operation: 'lookup', fault: 'error_before' });
    expect(await lookUp(authorize(VISA))).toMatchObject({ kind: 'unavailable' });
  });
});

describe('a payment that somebody else has changed', () => {
  test('cancelled in the dashboard: our void looks and finds it done', async () => {
    const pair = await testPair();
    const request = await prepare(pair, 'void');
    await pair.act('void');
    const outcome = await pair.perform(request);
    if (outcome.kind !== 'approved') {
      expect(outcome).toEqual({ kind: 'unknown', reason: 'already_done' });
      expect(await pair.lookUp(request)).toMatchObject({ kind: 'found', outcome: { kind: 'approved' } });
    }
  });

  test('cancelled in the dashboard: our capture is refused for good', async () => {
    const pair = await testPair();
    const request = await prepare(pair, 'capture');
    await pair.act('void');
    expect(await pair.perform(request)).toMatchObject({ kind: 'rejected' });
  });

  test('refunded in the dashboard: our refund is refused for good', async () => {
    const pair = await testPair();
    const request = await prepare(pair, 'refund');
    await pair.act('refund', { amount: 4200 });
    expect(await pair.perform(request)).toMatchObject({
      kind: 'rejected',
      raw_code: 'charge_already_refunded',
    });
  });

  test('captured already: our void is refused for good', async () => {
    const { perform } = await testPair();
    const reference = await held(perform);
    await perform(capture(reference, { amount: 4200 }));
    expect(await perform(voiding(reference))).toMatchObject({
      kind: 'rejected',
      raw_code: 'payment_intent_unexpected_state',
    });
  });

  test('a void of what captures have left is known by what is left: nothing', async () => {
    const { perform, lookUp, book } = await testPair();
    const reference = await held(perform);
    await perform(capture(reference, { operation: 'op_first', amount: 1000, final: false }));
    const rest = { ...voiding(reference), captured: 1000 };
    expect(await lookUp(rest)).toEqual({ kind: 'not_found' });
    const released = { kind: 'approved', amount: 3200, amount_captured: 0 };
    expect(await perform(rest)).toMatchObject(released);
    expect(await book()).toMatchObject({ captured: 1000, voided: 3200 });
    expect(await lookUp(rest)).toMatchObject({ kind: 'found', outcome: released });
    expect(await lookUp(capture(reference, { operation: 'op_first' }))).toMatchObject({
      outcome: { kind: 'approved', amount: 1000 },
    });
  });

  test('the rest was released in the dashboard: our void looks and finds it done', async () => {
    const { perform, act, lookUp } = await testPair();
    const reference = await held(perform);
    await perform(capture(reference, { amount: 1000, final: false }));
    await act('void');
    const rest = { ...voiding(reference), captured: 1000 };
    expect(await perform(rest)).toMatchObject({ kind: 'unknown', reason: 'already_done' });
    expect(await lookUp(rest)).toMatchObject({ kind: 'found', outcome: { kind: 'approved', amount: 3200 } });
  });

  test('the rest of what was captured in part, that Stripe let lapse', async () => {
    const { perform, connector, act } = await testPair();
    const reference = await held(perform);
    await perform(capture(reference, { amount: 1000, final: false }));
    expect(await connector.hasExpired(reference, TRACE)).toBe(false);
    await act('expire');
    expect(await connector.hasExpired(reference, TRACE)).toBe(true);
  });

  test('a payment whose id nobody told us is cancelled by our attempt', async () => {
    const { perform, book, lookUp } = await testPair();
    expect(await perform(voiding(null))).toMatchObject({ kind: 'unknown' });
    await held(perform);
    expect(await perform(voiding(null))).toMatchObject({ kind: 'approved', amount: 4200 });
    expect(await book()).toMatchObject({ voided: 4200 });
    expect(await lookUp(voiding(null))).toMatchObject({ kind: 'found', outcome: { kind: 'approved' } });
  });

  test('an authorisation that Stripe let lapse', async () => {
    const { perform, connector, act } = await testPair();
    const reference = await held(perform);
    expect(await connector.hasExpired(reference, TRACE)).toBe(false);
    await act('expire');
    expect(await connector.hasExpired(reference, TRACE)).toBe(true);
    expect(await connector.hasExpired('pi_unknown', TRACE)).toBeNull();
  });
});

describe('an account with more payments than can be listed', () => {
  test('the search tells, once it has caught up; until then nobody says that there is nothing', async () => {
    const { perform, lookUp, world, url } = await testPair();
    const mine = authorize(VISA);
    await perform(mine);
    const headers = { authorization: 'Bearer sk_test_simulator' };
    const another = () =>
      fetch(`${url}/v1/payment_intents`, { method: 'POST', headers, body: 'amount=1&currency=eur' });
    for (let n = 0; n < 310; n += 10) await Promise.all(Array.from({ length: 10 }, another));
    expect(await lookUp(mine)).toMatchObject({ kind: 'undecided', awaits: expect.stringMatching(/search/) });
    world.forward(61_000);
    expect(await lookUp(mine)).toMatchObject({ kind: 'found', outcome: { kind: 'approved' } });
  });
});

describe('a payment that Stripe left unfinished', () => {
  const LEFT = { object: 'payment_intent', id: 'pi_1', currency: 'eur', metadata: { attempt: 'att_1' } };

  test.each(['requires_confirmation', 'requires_payment_method'])('%s: no bank was asked', async (status) => {
    const { lookUp } = await sayingStripe(200, { ...LEFT, status, last_payment_error: null });
    expect(await lookUp(authorize(VISA, { providerReference: 'pi_1' }))).toEqual({ kind: 'not_found' });
  });
});

describe('answers that are no answers', () => {
  const INTENT = {
    id: 'pi_1',
    object: 'payment_intent',
    status: 'succeeded',
    currency: 'eur',
    amount: 4200,
    amount_received: 4200,
    amount_capturable: 0,
    capture_method: 'automatic',
    metadata: { attempt: 'att_1' },
  };
  const UNREADABLE: Outcome = { kind: 'unknown', reason: 'unreadable_answer' };

  test('the one that all others differ from is one', async () => {
    const { perform } = await sayingStripe(200, INTENT);
    expect(await perform(authorize(VISA))).toMatchObject({ kind: 'approved', amount: 4200 });
  });

  test.each<[string, number, unknown]>([
    ['of another attempt', 200, { ...INTENT, metadata: { attempt: 'att_2' } }],
    ['in another currency', 200, { ...INTENT, currency: 'usd' }],
    ['with half a cent', 200, { ...INTENT, amount_received: 4200.5 }],
    ['in a status that nobody knows', 200, { ...INTENT, status: 'teleported' }],
    ['of another kind', 200, { ...INTENT, object: 'setup_intent' }],
    ['without an id', 200, { ...INTENT, id: undefined }],
    ['that is no JSON', 200, '<html>'],
    ['from a proxy on the way', 404, '<html>not found</html>'],
    ['with a refusal in nobody’s words', 400, { message: 'no' }],
  ])('an answer %s is unreadable: the money may have moved', async (_, status, body) => {
    const { perform } = await sayingStripe(status, body);
    expect(await perform(authorize(VISA))).toEqual(UNREADABLE);
  });

  test.each<[string, number, object, object]>([
    ['a wrong key', 401, { type: 'invalid_request_error', message: 'no' }, { kind: 'rejected' }],
    [
      'a missing payment',
      404,
      { type: 'invalid_request_error', code: 'resource_missing' },
      { kind: 'rejected' },
    ],
    ['a conflict', 409, { type: 'invalid_request_error' }, { kind: 'unknown', reason: 'server_error' }],
    ['a failure behind Stripe', 424, { type: 'api_error' }, { kind: 'unknown', reason: 'server_error' }],
    ['a key that was used', 400, { type: 'idempotency_error' }, { kind: 'unknown', reason: 'already_done' }],
    [
      'an object that is locked',
      429,
      { type: 'invalid_request_error', code: 'lock_timeout' },
      { kind: 'not_sent' },
    ],
  ])('%s', async (_, status, error, wished) => {
    const { perform } = await sayingStripe(status, { error });
    expect(await perform(authorize(VISA))).toMatchObject(wished);
  });
});

test('a call carries its key, the version and the trace; its record holds no token and no secret', async () => {
  const { asked, connector } = await sayingStripe(402, {
    error: { type: 'card_error', code: 'card_declined', decline_code: 'lost_card', message: 'Jane Doe, no' },
  });
  const { call } = await connector.perform(authorize('pm_secret_token'), TRACE);
  expect(asked[0]?.headers).toMatchObject({
    authorization: 'Bearer sk_test_simulator',
    'idempotency-key': 'op_authorize',
    'stripe-version': STRIPE_VERSION,
    traceparent: TRACE.traceparent,
  });
  expect(asked[0]?.body).toContain('payment_method=pm_secret_token');
  expect(call).toMatchObject({
    endpoint: 'POST /v1/payment_intents',
    http_status: 402,
    raw_code: 'lost_card',
    request: { amount: 4200, currency: 'eur', 'metadata.operation': 'op_authorize' },
    response: { 'error.code': 'card_declined', 'error.decline_code': 'lost_card' },
  });
  expect(JSON.stringify(call)).not.toMatch(/pm_secret_token|sk_test|Jane/);
});

test('the probe says whether the key is taken, and how far the clocks are apart', async () => {
  const { connector } = await testPair();
  expect(await connector.probe(TRACE)).toEqual({
    credentials: 'accepted',
    clockDifferenceMs: expect.any(Number),
    detail: 'GET /v1/balance answered 200, test mode',
    contradictions: [],
  });
  const refused = await sayingStripe(401, { error: { type: 'invalid_request_error' } });
  expect(await refused.connector.probe(TRACE)).toMatchObject({ credentials: 'refused' });
  const down = await sayingStripe(503, '');
  expect(await down.connector.probe(TRACE)).toMatchObject({ credentials: 'not_known' });
});

describe('an account of Stripe', () => {
  const WORLD = { world: realWorld(), timeoutMs: null };
  const account = (secret_key: string, multicapture: string | boolean = false): AccountConfig => ({
    account: 'eu',
    provider: 'stripe',
    url: null,
    mode: 'test',
    versions: [{ version: STRIPE_VERSION, percent: 100 }],
    credentials: { secret_key },
    settings: { multicapture },
  });
  const create = STRIPE.versions[STRIPE_VERSION];

  test.each([
    ['live', false, ["the key is of Stripe's test mode, and the account takes live payments"]],
    ['test', true, ["the key is of Stripe's live mode, and the account takes test payments"]],
    ['live', true, []],
    ['test', false, []],
    ['any', true, []],
  ] as const)('that takes %s payments, with a key whose livemode is %s', async (mode, livemode, told) => {
    const { url } = await sayingStripe(200, { object: 'balance', livemode });
    const connector = create?.({ ...account('sk_123456789'), url, mode }, WORLD);
    expect(await connector?.probe(TRACE)).toMatchObject({ credentials: 'accepted', contradictions: told });
    await connector?.close();
  });

  test.each([
    ['a key with a line break', account('sk_test_123\n456'), /secret_key must be/],
    ['a setting that is no yes or no', account('sk_test_123', 'maybe'), /multicapture must be/],
  ])('with %s is refused at the start, and the key is not repeated', (_, config, message) => {
    expect(() => create?.(config, WORLD)).toThrow(message);
    expect(() => create?.(config, WORLD)).not.toThrow(/sk_test/);
  });

  test.each([true, false])('claims several captures as it is configured: %s', async (multicapture) => {
    const connector = create?.(account('sk_test_123', multicapture), WORLD);
    expect(connector?.capabilities.multipleCaptures).toBe(multicapture);
    await connector?.close();
  });
});

async function held(perform: Pair['perform']): Promise<string> {
  const outcome = await perform(authorize(VISA, { capture: false }));
  if (outcome.kind !== 'approved') throw new Error(`expected an approval, got ${outcome.kind}`);
  return outcome.provider_reference;
}

async function prepare({ perform }: Pair, kind: Kind): Promise<ProviderRequest> {
  if (kind === 'authorize') return authorize(VISA);
  if (kind === 'capture') return capture(await held(perform));
  if (kind === 'void') return voiding(await held(perform));
  const sale = await perform(authorize(VISA));
  if (sale.kind !== 'approved') throw new Error(`expected an approval, got ${sale.kind}`);
  return refund(sale.provider_reference);
}
