import { describe, expect, test } from 'vitest';
import { CHARGE, type Told, testSimulator } from './test-kit.ts';

async function charged(overrides: object = {}) {
  const simulator = await testSimulator();
  const { body } = await simulator.post('/v1/charges', { ...CHARGE, ...overrides }, 'op_1');
  const before = (await simulator.list()).next_cursor;
  const act = async (action: string, input: object = {}) => {
    const answer = await simulator.post(`/charges/${body.charge}/${action}`, input);
    return answer.status === 200 ? 'done' : answer.body.code;
  };
  const book = async () => (await simulator.books()).charges[0];
  /** What happened in the dashboard: type, amount, operation. */
  const told = async () => (await simulator.list(`?after=${before}`)).transactions;
  return { simulator, act, book, told };
}

describe('in the dashboard', () => {
  test('captures, leaving the rest held', async () => {
    const { act, book, told } = await charged({ capture: false });
    expect(await act('capture', { amount: 1000 })).toBe('done');
    expect(await act('capture', { amount: 3201 })).toBe('capture_exceeds_authorization');
    expect(await book()).toMatchObject({ captured: 1000, voided: 0, captures: [{ operation: null }] });
    expect(short(await told())).toEqual([['charge.captured', 1000, null]]);
  });

  test('voids', async () => {
    const { act, book, told } = await charged({ capture: false });
    expect([await act('void'), await act('void')]).toEqual(['done', 'already_voided']);
    expect(await book()).toMatchObject({ status: 'voided', voided: 4200 });
    expect(short(await told())).toEqual([['charge.voided', 4200, null]]);
  });

  test('lets an authorisation lapse', async () => {
    const { act, told } = await charged({ capture: false });
    expect([await act('expire'), await act('expire')]).toEqual(['done', 'nothing_to_expire']);
    expect(short(await told())).toEqual([['charge.expired', 4200, null]]);
  });

  test('refunds, and a refund that succeeded comes back whole, once', async () => {
    const { act, book, told } = await charged();
    await act('refund', { amount: 500 });
    const refund = (await book())?.refunds[0]?.id ?? '';
    expect(await act('return', { refund: 'rf_unknown' })).toBe('not_found');
    expect(await act('return', { refund })).toBe('done');
    expect(await act('return', { refund })).toBe('refund_already_returned');
    expect(await book()).toMatchObject({ refunded: 0, returns: [{ amount: 500, of: refund }] });
    const events = await told();
    expect(short(events)).toEqual([
      ['refund.succeeded', 500, null],
      ['refund.returned', 500, null],
    ]);
    expect(events[1]?.data.of).toBe(events[0]?.data.movement);
    expect(events[1]?.data.movement).not.toBe(refund);
    expect(await act('refund', { amount: 4200 })).toBe('done');
  });

  test('takes captured money back, as far as it has not been refunded', async () => {
    const { simulator, act, book, told } = await charged();
    await act('refund', { amount: 1200 });
    expect(await act('reverse', { amount: 3001 })).toBe('reversal_exceeds_capture');
    expect(await act('reverse', { amount: 2000 })).toBe('done');
    expect(await act('refund', { amount: 1001 })).toBe('refund_exceeds_capture');
    expect(await book()).toMatchObject({ captured: 4200, refunded: 1200, reversed: 2000 });
    expect((await simulator.books()).totals.by_currency.EUR?.reversed).toBe(2000);
    expect(short(await told()).at(-1)).toEqual(['charge.reversed', 2000, null]);
  });

  test('approves late what was declined: the first operation is approved after all', async () => {
    const { simulator, act, book, told } = await charged({ token: 'tok_decline_do_not_honor' });
    expect([await act('approve'), await act('approve')]).toEqual(['done', 'nothing_to_approve']);
    expect(await book()).toMatchObject({ authorized: 4200, captured: 4200, status: 'captured' });
    expect((await simulator.get('/v1/operations/op_1')).body.status).toBe('approved');
    expect(short(await told())).toEqual([
      ['charge.authorized', 4200, 'op_1'],
      ['charge.captured', 4200, 'op_1'],
    ]);
  });

  test('approves late what has lapsed: it is held again and can be captured', async () => {
    const { act, book, told } = await charged({ capture: false });
    await act('capture', { amount: 200 });
    await act('expire');
    expect(await act('approve')).toBe('done');
    expect(await book()).toMatchObject({ status: 'partially_captured', voided: 0 });
    expect(await act('capture', { amount: 4000 })).toBe('done');
    expect(short(await told())).toEqual([
      ['charge.captured', 200, null],
      ['charge.expired', 4000, null],
      ['charge.authorized', 4200, 'op_1'],
      ['charge.captured', 4000, null],
    ]);
  });

  test('makes a charge that nobody asked for', async () => {
    const { simulator, told } = await charged();
    const order = { amount: 700, currency: 'EUR', reference: 'pay_unknown' };
    expect((await simulator.post('/charges', order)).status).toBe(201);
    expect((await simulator.books('?reference=pay_unknown')).charges).toMatchObject([
      { attempt: null, captured: 700 },
    ]);
    const events = await told();
    expect(short(events)).toEqual([
      ['charge.authorized', 700, null],
      ['charge.captured', 700, null],
    ]);
    expect(events[0]?.data).toMatchObject({ reference: 'pay_unknown', attempt: null });
    expect((await simulator.post('/charges', { ...order, amount: 0 })).status).toBe(400);
  });

  test('what was done there survives a restart', async () => {
    const { simulator, act } = await charged();
    await act('refund', { amount: 500 });
    await act('reverse', { amount: 100 });
    const before = [(await simulator.books()).charges, await simulator.list()];
    await simulator.close();
    const again = await testSimulator({ dataDir: simulator.dataDir });
    expect([(await again.books()).charges, await again.list()]).toEqual(before);
  });
});

describe('the list of transactions', () => {
  test('is read in pages, and from where one left off', async () => {
    const { simulator, act } = await charged();
    for (let i = 1; i <= 4; i += 1) await act('refund', { amount: i });
    const first = await simulator.list('?limit=4');
    expect([first.transactions.length, first.has_more]).toEqual([4, true]);
    const rest = await simulator.list(`?after=${first.next_cursor}`);
    expect([rest.transactions.length, rest.has_more]).toEqual([2, false]);
    const all = await simulator.list();
    expect([...first.transactions, ...rest.transactions]).toEqual(all.transactions);
    const none = await simulator.list(`?after=${all.next_cursor}`);
    expect(none).toEqual({ transactions: [], next_cursor: all.next_cursor, has_more: false });
  });

  test('keeps its positions over a restart, a compaction and a clearing of the books', async () => {
    const { simulator } = await charged();
    const before = await simulator.list();
    await simulator.close();
    const second = await testSimulator({ dataDir: simulator.dataDir, limits: { compactBytes: 1 } });
    expect(await second.list()).toEqual(before);
    await second.remove('/books');
    await second.close();
    const third = await testSimulator({ dataDir: simulator.dataDir });
    await third.post('/v1/charges', CHARGE, 'op_1');
    const after = await third.list(`?after=${before.next_cursor}`);
    expect(after.transactions).toHaveLength(2);
    expect(await third.list()).toEqual(after);
  });

  test('names a position that these books never had, and refuses what is none', async () => {
    const { simulator } = await charged();
    for (const query of ['?after=99', '?after=x', '?limit=0', '?limit=1001']) {
      expect((await simulator.get(`/v1/transactions${query}`)).status).toBe(400);
    }
  });

  test('knows what time alone has done', async () => {
    const { simulator } = await charged({ token: 'tok_pending_then_approve' });
    expect((await simulator.list()).transactions).toEqual([]);
    await simulator.post('/settings', { pending_ms: 0 });
    const soon = { ...CHARGE, operation: 'op_2', attempt: 'att_2', token: 'tok_pending_then_approve' };
    await simulator.post('/v1/charges', soon, 'op_2');
    expect(short((await simulator.list()).transactions)).toEqual([
      ['charge.authorized', 4200, 'op_2'],
      ['charge.captured', 4200, 'op_2'],
    ]);
  });

  test('cannot be read while the provider is down', async () => {
    const { simulator } = await charged();
    await simulator.post('/outage', { mode: 'down' });
    await expect(simulator.list()).rejects.toThrow();
  });
});

function short(told: Told[]): unknown[] {
  return told.map(({ type, data }) => [type, data.amount, data.operation]);
}
