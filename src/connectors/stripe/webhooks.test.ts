import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { FactTold } from '../port.ts';
import { authorize, capture, refund, TRACE, voiding } from '../simulator/test-kit.ts';
import { testPair } from './test-kit.ts';
import { MONEY_EVENTS, stripeWebhooks } from './webhooks.ts';

type Pair = Awaited<ReturnType<typeof testPair>>;
const VISA = 'pm_card_visa';
const OPERATION = 'op_01jdvcw5rye8nvdtzq3h6zs2fe';
const DAY_MS = 24 * 3600_000;

describe('what events say of the life of a payment', () => {
  test('an authorisation and its captures: an amount, then totals', async () => {
    const { perform, connector } = await testPair();
    const id = await held(perform);
    await perform(capture(id, { amount: 1000, final: false, operation: 'op_1' }));
    await perform(capture(id, { amount: 700, operation: 'op_2' }));
    const told = await toldBy(connector);
    expect(told.map(({ fact }) => [fact.kind, 'amount' in fact ? fact.amount : null])).toEqual([
      ['authorized', 4200],
      ['authorized', 4200],
      ['captured_total', 1000],
      ['authorized', 4200],
      ['captured_total', 1000],
      ['captured_total', 1700],
      ['captured_total', 1700],
    ]);
    for (const notice of told)
      expect(notice).toMatchObject({ reference: 'pay_1', attempt: 'att_1', providerReference: id });
    const details = told.flatMap(({ fact }) =>
      fact.kind === 'authorized' && fact.details ? [fact.details] : [],
    );
    expect(details).toMatchObject([{ last4: '4242' }]);
  });

  test('a sale', async () => {
    const { perform, connector } = await testPair();
    await perform(authorize(VISA));
    const kinds = (await toldBy(connector)).map(({ fact }) => fact.kind);
    expect(kinds).toEqual(['authorized', 'captured', 'authorized', 'captured']);
  });

  test.each([
    ['a decline of a charge', 'pm_card_visa_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
    ['a code that nobody knows', 'tok_decline_unmapped', 'unmapped'],
  ])('%s, once', async (_, token, reason) => {
    const { perform, connector } = await testPair();
    await perform(authorize(token));
    expect(await facts(connector)).toMatchObject([{ kind: 'declined', decline: { reason } }]);
  });

  test('a challenge that was failed made no charge, and is told by the payment', async () => {
    const { perform, connector } = await testPair();
    const asked = await perform(authorize('pm_card_threeDSecure2Required'));
    if (asked.kind !== 'requires_action') throw new Error(`expected a challenge, got ${asked.kind}`);
    await fetch(`${asked.action.url}/fail`, { method: 'POST', redirect: 'manual' });
    const declined = { kind: 'declined', decline: { reason: 'authentication_failed' } };
    expect(await facts(connector)).toMatchObject([declined]);
  });

  test('a void, and a lapse', async () => {
    const voided = await testPair();
    await voided.perform(voiding(await held(voided.perform)));
    expect((await facts(voided.connector)).at(-1)).toMatchObject({ kind: 'voided', amount: 4200 });
    const lapsed = await testPair();
    await held(lapsed.perform);
    lapsed.world.forward(7 * DAY_MS);
    const last = (await facts(lapsed.connector)).slice(-2);
    expect(last.map(({ kind }) => kind)).toEqual(['expired', 'expired']);
  });
});

describe('what events say of refunds', () => {
  test('one of ours names its operation; one from the dashboard names none', async () => {
    const { perform, connector, act } = await testPair();
    const id = await sold(perform);
    await perform(refund(id, { operation: OPERATION, amount: 500 }));
    await act('refund', { amount: 300 });
    const refunds = (await toldBy(connector)).filter(({ fact }) => fact.kind === 'refunded');
    expect(refunds.map(({ fact, providerReference }) => ({ ...fact, providerReference }))).toMatchObject([
      { operation: OPERATION, amount: 500, movement: expect.stringMatching(/^re_/), providerReference: id },
      { operation: null, amount: 300, movement: expect.stringMatching(/^re_/), providerReference: id },
    ]);
  });

  test('one that is on its way says nothing until it is paid', async () => {
    const { perform, connector, world } = await testPair();
    const id = await sold(perform, 'pm_card_pendingRefund');
    expect(await perform(refund(id, { operation: OPERATION }))).toMatchObject({ kind: 'pending' });
    expect((await facts(connector)).map(({ kind }) => kind)).not.toContain('refunded');
    world.forward(DAY_MS);
    expect((await facts(connector)).at(-1)).toMatchObject({ kind: 'refunded', operation: OPERATION });
  });

  test('one that comes back after its success failed, with the reason', async () => {
    const { perform, connector, world } = await testPair();
    const id = await sold(perform, 'pm_card_refundFail');
    expect(await perform(refund(id, { operation: OPERATION }))).toMatchObject({ kind: 'approved' });
    world.forward(DAY_MS);
    expect((await facts(connector)).at(-1)).toMatchObject({
      kind: 'refund_failed',
      operation: OPERATION,
      movement: expect.stringMatching(/^re_/),
      raw_code: 'expired_or_canceled_card',
    });
  });

  test('one from the dashboard that comes back is told with its coming back', async () => {
    const { perform, connector, world, act } = await testPair();
    await sold(perform);
    await act('refund', { amount: 300 });
    const [made] = (await facts(connector)).filter(({ kind }) => kind === 'refunded');
    const of = made && 'movement' in made ? made.movement : null;
    await act('return', { refund: of });
    world.forward(1000);
    const last = (await facts(connector)).slice(-2);
    expect(last).toMatchObject([{ kind: 'refunded' }, { kind: 'refund_returned', of, amount: 300 }]);
  });
});

describe('what events say of disputes and returns', () => {
  test('a chargeback takes the money, and its end is told', async () => {
    const { perform, connector, act, simulator } = await testPair();
    const id = await sold(perform);
    for (const end of ['win', 'lose']) {
      await act('dispute', { amount: 600 });
      await act(end, { dispute: await disputeOf(simulator) });
    }
    const told = (await toldBy(connector)).filter(({ fact }) => fact.kind.startsWith('dispute'));
    expect(told[0]).toMatchObject({ providerReference: id, fact: { kind: 'disputed', amount: 600 } });
    const ends = told.map(({ fact }) => fact.kind).filter((kind) => kind !== 'disputed');
    expect(ends).toEqual(['dispute_won', 'dispute_lost']);
  });

  test('an inquiry moves nothing until it becomes a chargeback', async () => {
    const { perform, connector, act, simulator } = await testPair();
    await sold(perform);
    await act('dispute', { amount: 600, inquiry: true });
    expect((await facts(connector)).map(({ kind }) => kind)).not.toContain('disputed');
    await act('escalate', { dispute: await disputeOf(simulator) });
    expect((await facts(connector)).at(-1)).toMatchObject({ kind: 'disputed', amount: 600 });
  });

  test.each([
    ['sepa_debit', 'pm_sepaDebit_disputed_de', 'EUR', 'debit_not_authorized'],
    ['ach_debit', 'pm_usBankAccount_lateInsufficientFunds', 'USD', 'insufficient_funds'],
    ['bacs_debit', 'pm_bacsDebit_lateFailure', 'GBP', 'insufficient_funds'],
  ] as const)(
    'a %s that the bank takes back is a return, with its reason',
    async (type, token, currency, why) => {
      const { perform, connector, world } = await testPair();
      const paymentMethod = { type, token };
      expect(await perform(authorize('', { paymentMethod, currency }))).toMatchObject({ kind: 'pending' });
      world.forward(3 * DAY_MS);
      expect((await facts(connector)).map(({ kind }) => kind)).toContain('captured');
      world.forward(6 * DAY_MS);
      const all = await facts(connector);
      expect(all.at(-1)).toMatchObject({ kind: 'reversed', amount: 4200, raw_code: why });
      expect(all.map(({ kind }) => kind)).not.toContain('declined');
      expect(all.map(({ kind }) => kind)).not.toContain('disputed');
    },
  );
});

test('each says in which currency: another one than the payment’s is for a person', () => {
  const told = stripeWebhooks.parse(
    event('charge.dispute.created', { ...disputed(), currency: 'usd', amount: 600 }),
  );
  expect(told).toMatchObject({ kind: 'notices', notices: [{ currency: 'USD', providerReference: 'pi_1' }] });
});

describe('what is no fact', () => {
  test.each([
    [
      'a payment of another program',
      event('payment_intent.succeeded', { object: 'payment_intent', id: 'pi_1' }),
    ],
    ['a customer', event('customer.created', { object: 'customer' })],
    ['a total of refunds, which each refund tells better', event('charge.refunded', { object: 'charge' })],
  ])('%s is ignored, and it is said why', (_, body) => {
    expect(stripeWebhooks.parse(body)).toMatchObject({ kind: 'ignored', why: expect.stringMatching(/./) });
  });

  test.each([
    ['no JSON', Buffer.from('<html>')],
    ['no event', Buffer.from('[]')],
    [
      'a refund without an amount',
      event('refund.updated', { object: 'refund', id: 're_1', currency: 'eur' }),
    ],
    ['half a króna', event('charge.dispute.created', { ...disputed(), currency: 'isk', amount: 550 })],
    ['a charge where a payment belongs', event('payment_intent.succeeded', { object: 'charge', id: 'ch_1' })],
  ])('%s is unreadable: a person looks', (_, body) => {
    expect(stripeWebhooks.parse(body)).toMatchObject({ kind: 'unreadable' });
  });
});

test('a delivery is verified by its secret, and named by its event', () => {
  const body = event('customer.created', {});
  const secret = 'whsec_a_secret_of_this_test';
  const [nowMs, seconds] = [1_700_000_000_000, 1_700_000_000];
  const mac = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');
  const delivery = { headers: { 'stripe-signature': `t=${seconds},v1=${mac}` }, body };
  expect(stripeWebhooks.verify(delivery, [secret], nowMs)).toEqual({ ok: true, eventId: 'evt_1' });
  expect(stripeWebhooks.verify(delivery, ['whsec_another_secret'], nowMs)).toMatchObject({ ok: false });
});

describe('the list of what moved', () => {
  test('begins with the oldest, goes on at its cursor, and ends', async () => {
    const { perform, connector } = await testPair();
    await sold(perform);
    const first = await listed(connector, null);
    expect(first).toMatchObject({ more: false, entries: [{}, {}] });
    await perform(authorize(VISA, { operation: 'op_b', attempt: 'att_b' }));
    const second = await listed(connector, first.next);
    expect(second.entries).toHaveLength(2);
    expect(await listed(connector, second.next)).toEqual({
      kind: 'page',
      entries: [],
      next: second.next,
      more: false,
    });
    const all = (await listed(connector, null)).entries.map(({ eventId }) => eventId);
    expect(all).toEqual([...first.entries, ...second.entries].map(({ eventId }) => eventId));
  });

  test('comes in pages where much has happened', async () => {
    const { perform, connector } = await testPair();
    await sold(perform);
    const { next } = await listed(connector, null);
    for (let n = 0; n < 60; n += 1)
      await perform(authorize(VISA, { operation: `op_${n}`, attempt: `att_${n}` }));
    const first = await listed(connector, next);
    expect([first.entries.length, first.more]).toEqual([100, true]);
    const second = await listed(connector, first.next);
    expect([second.entries.length, second.more]).toEqual([20, false]);
  });

  test('of an account where nothing has happened is empty, and so is its cursor', async () => {
    const { connector, simulator } = await testPair();
    expect(await listed(connector, null)).toEqual({ kind: 'page', entries: [], next: '', more: false });
    expect(await listed(connector, '')).toMatchObject({ entries: [] });
    await simulator.close();
    expect(await connector.listChanges?.(null, TRACE)).toMatchObject({ kind: 'unavailable' });
  });

  test('asks for no more kinds of events than Stripe takes at once', () => {
    expect(MONEY_EVENTS.length).toBeLessThanOrEqual(20);
  });
});

async function listed(connector: Pair['connector'], after: string | null) {
  const changes = await connector.listChanges?.(after, TRACE);
  if (changes?.kind !== 'page') throw new Error('the list could not be had');
  return changes;
}

/** What all events so far say, in the order in which they happened. */
async function toldBy(connector: Pair['connector']) {
  const { entries } = await listed(connector, null);
  return entries.flatMap(({ body }) => {
    const parsed = stripeWebhooks.parse(body);
    if (parsed.kind === 'unreadable') throw new Error(parsed.why);
    return parsed.kind === 'notices' ? parsed.notices : [];
  });
}

async function facts(connector: Pair['connector']): Promise<FactTold[]> {
  return (await toldBy(connector)).map(({ fact }) => fact);
}

async function disputeOf({ books }: Pair['simulator']): Promise<string> {
  const [charge] = (await books()).charges as unknown as { disputes: { id: string }[] }[];
  return charge?.disputes.at(-1)?.id ?? '';
}

async function held(perform: Pair['perform']): Promise<string> {
  return referenceOf(await perform(authorize(VISA, { capture: false })));
}

async function sold(perform: Pair['perform'], token = VISA): Promise<string> {
  return referenceOf(await perform(authorize(token)));
}

function referenceOf(outcome: Awaited<ReturnType<Pair['perform']>>): string {
  if (outcome.kind !== 'approved') throw new Error(`expected an approval, got ${outcome.kind}`);
  return outcome.provider_reference;
}

function event(type: string, object: object): Buffer {
  return Buffer.from(JSON.stringify({ id: 'evt_1', type, created: 1_700_000_000, data: { object } }));
}

function disputed() {
  return { object: 'dispute', id: 'du_1', status: 'needs_response', payment_intent: 'pi_1' };
}
