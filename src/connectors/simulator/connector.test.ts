import { describe, expect, test } from 'vitest';
import { DECLINE_REASONS, decline } from '../../core/declines.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { Fault } from '../../simulator/faults.ts';
import type { ProviderRequest } from '../port.ts';
import { authorize, capture, complete, refund, TRACE, testPair, voiding } from './test-kit.ts';

type Pair = Awaited<ReturnType<typeof testPair>>;
type Kind = ProviderRequest['kind'];

const NOTHING = { authorized: 0, captured: 0, refunded: 0, voided: 0 };
const KINDS: Kind[] = ['authorize', 'complete', 'capture', 'void', 'refund'];

/** What a fault makes of the first call, and whether the money moved by then. */
const FAULTS: [Fault, { kind: Outcome['kind']; reason?: string; evidence?: string }, boolean][] = [
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

describe('every token means what it says', () => {
  test.each(DECLINE_REASONS)('tok_decline_%s is declined for this reason', async (reason) => {
    const { perform, book } = await testPair();
    const outcome = await perform(authorize(`tok_decline_${reason}`));
    if (outcome.kind !== 'declined') throw new Error(`expected a decline, got ${outcome.kind}`);
    expect(outcome.decline).toEqual(decline(reason, outcome.decline.raw_code));
    expect(outcome.decline.raw_code).toMatch(/^[0-9A-Z]{2}$/);
    expect(await book()).toMatchObject({ authorized: 0, captured: 0, status: 'declined' });
  });

  test('tok_approve: what moved, its ids and what the provider tells', async () => {
    const { perform, lookUp, book } = await testPair();
    const outcome = await perform(authorize('tok_approve'));
    const booked = await book();
    expect(outcome).toEqual({
      kind: 'approved',
      provider_reference: booked?.provider_reference,
      movement: booked?.captures[0]?.id,
      amount: 4200,
      amount_captured: 4200,
      details: {
        authorization_code: expect.stringMatching(/^\d{6}$/),
        bin: '424242',
        last4: '4242',
        avs_result: 'Y',
        cvc_result: 'M',
        eci: '07',
        network_transaction_id: expect.stringMatching(/^\d{15}$/),
      },
      provider_at: expect.stringMatching(/Z$/),
    });
    expect(await lookUp(authorize('tok_approve'))).toEqual({ kind: 'found', outcome });
  });

  test('a mere authorisation has no movement and captures nothing', async () => {
    const { perform, book } = await testPair();
    const outcome = await perform(authorize('tok_approve', { capture: false }));
    expect(outcome).toMatchObject({ kind: 'approved', movement: null, amount: 4200, amount_captured: 0 });
    expect(await book()).toMatchObject({ authorized: 4200, captured: 0, status: 'authorized' });
  });

  test.each([
    ['tok_pending_then_approve', { kind: 'approved', amount: 4200, amount_captured: 4200 }],
    ['tok_pending_then_decline', { kind: 'declined' }],
  ])('%s is pending first; the look-up tells the end', async (token, end) => {
    const { world, perform, lookUp } = await testPair();
    expect((await perform(authorize(token))).kind).toBe('pending');
    expect(await lookUp(authorize(token))).toMatchObject({ kind: 'found', outcome: { kind: 'pending' } });
    world.forward(2000);
    const result = await lookUp(authorize(token));
    expect(result).toMatchObject({ kind: 'found', outcome: end });
    expect(await lookUp(authorize(token))).toEqual(result);
  });

  test('tok_3ds redirects the customer, and the completion moves the money', async () => {
    const { simulator, perform, lookUp, book } = await testPair();
    const first = await perform(authorize('tok_3ds'));
    if (first.kind !== 'requires_action') throw new Error(first.kind);
    expect(first).toMatchObject({ answered: false });
    expect(first.action.url).toBe(`${simulator.url}/3ds/${first.provider_reference}`);
    await fetch(`${first.action.url}/approve`, { method: 'POST', redirect: 'manual' });
    const waiting = await lookUp(authorize('tok_3ds'));
    expect(waiting).toMatchObject({ outcome: { kind: 'requires_action', answered: true } });
    const end = await perform(complete(first.provider_reference));
    expect(end).toMatchObject({ kind: 'approved', amount_captured: 4200, details: { eci: '05' } });
    expect((await book())?.captured).toBe(4200);
  });

  test('tok_wrong_amount: the amount is the one that the provider tells, not the one that was asked', async () => {
    const { perform, book } = await testPair();
    const outcome = await perform(authorize('tok_wrong_amount'));
    expect(outcome).toMatchObject({ kind: 'approved', amount: 4201, amount_captured: 4201 });
    expect(await book()).toMatchObject({ authorized: 4201, captured: 4201 });
  });

  test.each(FAULTS.filter(([fault]) => fault !== 'in_flight'))(
    'tok_%s: first %j, money moved %s; the same key tells the truth',
    async (fault, expected, moved) => {
      const { perform, lookUp, book } = await testPair();
      const request = authorize(`tok_${fault}`);
      expect(await perform(request)).toMatchObject(expected);
      expect((await book())?.captured ?? 0).toBe(moved ? 4200 : 0);
      expect((await lookUp(request)).kind).toBe(moved ? 'found' : 'not_found');
      expect(await perform(request)).toMatchObject({ kind: 'approved', amount: 4200 });
      expect((await book())?.captured).toBe(4200);
    },
  );

  test('an unknown token is rejected, and no charge is made', async () => {
    const { perform, book } = await testPair();
    expect(await perform(authorize('tok_nonsense'))).toMatchObject({
      kind: 'rejected',
      raw_code: 'unknown_token',
    });
    expect(await book()).toBeUndefined();
  });
});

describe.each(KINDS)('faults armed for %s', (kind) => {
  test.each(FAULTS)(
    '%s: first %j, money moved %s; then the same key succeeds once',
    async (fault, expected, moved) => {
      const pair = await testPair();
      const request = await prepare(pair, kind);
      const before = await moneyOf(pair);
      await pair.simulator.post('/faults', { operation: kind, fault });

      expect(await pair.perform(request)).toMatchObject(expected);
      const after = await moneyOf(pair);
      if (moved) expect(after).not.toEqual(before);
      else expect(after).toEqual(before);
      const seen = await pair.lookUp(request);
      expect(seen.kind).toBe(moved ? 'found' : 'not_found');

      const outcome = await pair.perform(request);
      expect(outcome.kind).toBe('approved');
      if (seen.kind === 'found') expect(seen.outcome).toEqual(outcome);
      const once = await moneyOf(pair);
      if (moved) expect(once).toEqual(after);
      expect(await pair.perform(request)).toEqual(outcome);
      expect(await moneyOf(pair)).toEqual(once);
    },
  );

  test('declined: nothing moves, and the look-up says the same', async () => {
    const pair = await testPair();
    const request = await prepare(pair, kind);
    const before = await moneyOf(pair);
    await pair.simulator.post('/faults', { operation: kind, fault: 'declined' });
    const outcome = await pair.perform(request);
    expect(outcome).toMatchObject({ kind: 'declined', decline: { reason: 'do_not_honor' } });
    expect(await pair.lookUp(request)).toEqual({ kind: 'found', outcome });
    expect(await moneyOf(pair)).toEqual(kind === 'authorize' ? [NOTHING] : before);
  });

  test('times and reference: fires so often, for this payment only', async () => {
    const pair = await testPair();
    const request = await prepare(pair, kind);
    const fault = { operation: kind, fault: 'error_before' };
    await pair.simulator.post('/faults', { ...fault, reference: 'pay_other' });
    await pair.simulator.post('/faults', { ...fault, reference: 'pay_1', times: 2 });
    const kinds = [];
    for (let i = 0; i < 3; i += 1) kinds.push((await pair.perform(request)).kind);
    expect(kinds).toEqual(['unknown', 'unknown', 'approved']);
    const { faults } = (await pair.simulator.get('/faults')).body as { faults: { fired: number }[] };
    expect(faults.map(({ fired }) => fired)).toEqual([0, 2]);
  });
});

test.each(['authorize', 'complete', 'capture', 'refund'] as const)(
  'wrong_amount armed for %s: one minor unit more, told and booked',
  async (kind) => {
    const pair = await testPair();
    const request = await prepare(pair, kind);
    await pair.simulator.post('/faults', { operation: kind, fault: 'wrong_amount' });
    const outcome = await pair.perform(request);
    expect(outcome).toMatchObject({ kind: 'approved', amount: request.amount + 1 });
    const booked = await pair.book();
    const field = kind === 'refund' ? 'refunded' : 'captured';
    expect(booked?.[field]).toBe(request.amount + 1);
  },
);

describe('a look-up', () => {
  test.each([
    ['timeout_before', 'timeout'],
    ['error_after', 'server_error'],
    ['reset_before', 'connection_reset'],
    ['rate_limited', 'rate_limited'],
    ['garbled', 'unreadable_answer'],
    ['in_flight', 'in_flight'],
  ])('that meets %s is no evidence of anything', async (fault, reason) => {
    const { simulator, perform, lookUp } = await testPair();
    await perform(authorize('tok_approve'));
    await simulator.post('/faults', { operation: 'lookup', fault, reference: 'pay_1' });
    expect(await lookUp(authorize('tok_approve'))).toEqual({ kind: 'unavailable', reason });
    expect((await lookUp(authorize('tok_approve'))).kind).toBe('found');
  });

  test('for an operation that is still being worked on is unavailable, not "not found"', async () => {
    const { simulator, perform, lookUp } = await testPair();
    await simulator.post('/settings', { slow_ms: 100 });
    const slow = perform(authorize('tok_slow'));
    expect(await lookUp(authorize('tok_slow'))).toEqual({ kind: 'unavailable', reason: 'in_flight' });
    expect((await slow).kind).toBe('approved');
  });

  test('after a void by another hand tells the release that stands', async () => {
    const { simulator, perform, lookUp, book } = await testPair();
    const id = await charged(perform, 'tok_approve', false);
    await simulator.post(`/v1/charges/${id}/void`, { operation: 'op_other' }, 'op_other');
    expect(await perform(voiding(id))).toEqual({ kind: 'unknown', reason: 'already_done' });
    expect(await lookUp(voiding(id))).toMatchObject({ outcome: { kind: 'approved', amount: 4200 } });
    expect((await book())?.voided).toBe(4200);
  });
});

describe('whether an authorisation has expired', () => {
  test('no while it holds, yes once it has lapsed', async () => {
    const { connector, perform, simulator } = await testPair();
    const id = await charged(perform, 'tok_approve', false);
    expect(await connector.hasExpired(id, TRACE)).toBe(false);
    await simulator.post(`/charges/${id}/expire`, {});
    expect(await connector.hasExpired(id, TRACE)).toBe(true);
  });

  test.each(['timeout_before', 'error_before', 'reset_before', 'rate_limited', 'garbled'])(
    'nobody knows when the question meets %s',
    async (fault) => {
      const { connector, perform, simulator } = await testPair();
      const id = await charged(perform, 'tok_approve', false);
      await simulator.post(`/charges/${id}/expire`, {});
      await simulator.post('/faults', { operation: 'lookup', fault });
      expect(await connector.hasExpired(id, TRACE)).toBeNull();
    },
  );

  test('nobody knows of a charge that the provider does not know', async () => {
    const { connector } = await testPair();
    expect(await connector.hasExpired('ch_unknown', TRACE)).toBeNull();
  });
});

describe('a void by attempt', () => {
  test('of a charge that arrived releases it', async () => {
    const { perform, book } = await testPair();
    await perform(authorize('tok_timeout_after', { capture: false }));
    expect(await perform(voiding(null))).toMatchObject({ kind: 'approved', amount: 4200 });
    expect((await book())?.status).toBe('voided');
  });

  test('of one that never arrived is refused as not found, and the late arrival is refused for good', async () => {
    const { perform, lookUp, book } = await testPair();
    await perform(authorize('tok_timeout_before', { capture: false }));
    expect(await perform(voiding(null))).toMatchObject({ kind: 'rejected', raw_code: 'not_found' });
    expect(await lookUp(voiding(null))).toMatchObject({ outcome: { raw_code: 'not_found' } });
    const late = await perform(authorize('tok_timeout_before', { capture: false }));
    expect(late).toMatchObject({ kind: 'rejected', raw_code: 'attempt_cancelled' });
    expect(await book()).toBeUndefined();
  });

  test('of one that was captured is refused', async () => {
    const { perform, book } = await testPair();
    await perform(authorize('tok_approve'));
    expect(await perform(voiding(null))).toMatchObject({
      kind: 'rejected',
      raw_code: 'void_after_capture',
      provider_reference: (await book())?.provider_reference,
    });
  });
});

describe('under any concurrency', () => {
  test('100 captures and 100 refunds at once never exceed what is there', async () => {
    const { perform, book } = await testPair({}, 10_000);
    const id = await charged(perform, 'tok_approve', false);
    const many = (make: (i: number) => ProviderRequest) =>
      Promise.all(Array.from({ length: 100 }, (_, i) => perform(make(i))));
    await many((i) => capture(id, { operation: `op_c${i}`, amount: 100, final: false }));
    expect((await book())?.captured).toBe(4200);
    const outcomes = await many((i) => refund(id, { operation: `op_r${i}`, amount: 100 }));
    expect(outcomes.filter(({ kind }) => kind === 'approved')).toHaveLength(42);
    expect(await book()).toMatchObject({ captured: 4200, refunded: 4200 });
  });
});

describe('an outage', () => {
  test.each([
    ['down', 'connection_reset'],
    ['hanging', 'timeout'],
  ])('%s: everything is unknown and nothing moves, until the provider is up again', async (mode, reason) => {
    const { simulator, perform, lookUp, book } = await testPair();
    await simulator.post('/outage', { mode });
    expect(await perform(authorize('tok_approve'))).toEqual({ kind: 'unknown', reason });
    expect(await lookUp(authorize('tok_approve'))).toEqual({ kind: 'unavailable', reason });
    expect(await book()).toBeUndefined();
    await simulator.post('/outage', { mode: 'up' });
    expect((await perform(authorize('tok_approve'))).kind).toBe('approved');
  });
});

test('the record of a call names key, endpoint, status and raw code, and holds no token', async () => {
  const { connector } = await testPair();
  const { call } = await connector.perform(authorize('tok_decline_lost_card'), TRACE);
  expect(call).toEqual({
    key: 'op_authorize',
    endpoint: 'POST /v1/charges',
    http_status: 200,
    raw_code: '41',
    request: { amount: 4200, currency: 'EUR', capture: true },
    response: expect.objectContaining({ status: 'declined', code: '41' }),
    started_at: expect.stringMatching(/Z$/),
    duration_ms: expect.any(Number),
  });
});

test('the trace goes with every call into the log of the simulator', async () => {
  const lines: { traceparent?: unknown }[] = [];
  const log = (_: string, fields: Record<string, unknown>) => void lines.push(fields);
  const { perform, lookUp } = await testPair({ log });
  await perform(authorize('tok_approve'));
  await lookUp(authorize('tok_approve'));
  expect(lines.filter((line) => line.traceparent === TRACE.traceparent)).toHaveLength(2);
  expect(JSON.stringify(lines)).not.toContain('tok_approve');
});

async function moneyOf({ simulator }: Pair) {
  const { charges } = await simulator.books();
  return charges.map(({ authorized, captured, refunded, voided }) => ({
    authorized,
    captured,
    refunded,
    voided,
  }));
}

async function charged(perform: Pair['perform'], token: string, captured: boolean): Promise<string> {
  const outcome = await perform(authorize(token, { capture: captured }));
  if (outcome.kind !== 'approved') throw new Error(`expected an approval, got ${outcome.kind}`);
  return outcome.provider_reference;
}

/** Brings the provider to where an operation of this kind would succeed, and gives its request. */
async function prepare({ perform }: Pair, kind: Kind): Promise<ProviderRequest> {
  if (kind === 'authorize') return authorize('tok_approve');
  if (kind === 'capture') return capture(await charged(perform, 'tok_approve', false));
  if (kind === 'void') return voiding(await charged(perform, 'tok_approve', false));
  if (kind === 'refund') return refund(await charged(perform, 'tok_approve', true));
  const first = await perform(authorize('tok_3ds'));
  if (first.kind !== 'requires_action') throw new Error(`expected a challenge, got ${first.kind}`);
  await fetch(`${first.action.url}/approve`, { method: 'POST', redirect: 'manual' });
  return complete(first.provider_reference);
}
