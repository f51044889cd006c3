import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHARGE, childSimulator, httpClient, movableWorld, tempDir, testSimulator } from './test-kit.ts';

const JOURNAL = 'simulator-journal.jsonl';

describe('the books survive', () => {
  test('a restart, to the last call, with what every key was answered', async () => {
    const first = await testSimulator();
    const sale = await first.post('/v1/charges', CHARGE, 'op_1');
    const id = sale.body.charge;
    await first.post(`/v1/charges/${id}/refund`, { operation: 'op_2', amount: 500 }, 'op_2');
    await first.post('/v1/voids', { operation: 'op_3', attempt: 'att_never' }, 'op_3');
    const before = await first.books();
    await first.close();

    const second = await testSimulator({ dataDir: first.dataDir });
    const after = await second.books();
    expect(after.charges).toEqual(before.charges);
    expect(after.totals).toEqual(before.totals);
    const replay = await second.post(`/v1/charges/${id}/refund`, { operation: 'op_2', amount: 500 }, 'op_2');
    expect(replay.body.status).toBe('approved');
    expect((await second.books()).charges[0]?.refunded).toBe(500);
    const late = { ...CHARGE, attempt: 'att_never', operation: 'op_4' };
    expect((await second.post('/v1/charges', late, 'op_4')).body.code).toBe('attempt_cancelled');
  });

  test('kill -9 under load: whatever was answered is in the books, and the books go on', async () => {
    const dataDir = tempDir();
    const { url, kill } = await childSimulator(dataDir);
    const client = httpClient(url);
    const answered: string[] = [];
    const load = Array.from({ length: 8 }, async (_, lane) => {
      for (let i = 0; ; i += 1) {
        const operation = `op_${lane}_${i}`;
        const charge = { ...CHARGE, operation, reference: operation, attempt: operation };
        const result = await client.post('/v1/charges', charge, operation).catch(() => null);
        if (result === null) return;
        answered.push(operation);
        if (answered.length === 200) await kill();
      }
    });
    await Promise.all(load);

    const after = await testSimulator({ dataDir });
    const known = new Set((await after.books()).charges.map((charge) => charge.reference));
    expect(answered.length).toBeGreaterThanOrEqual(200);
    expect(answered.filter((operation) => !known.has(operation))).toEqual([]);
    const next = { ...CHARGE, operation: 'op_next', attempt: 'att_next' };
    expect((await after.post('/v1/charges', next, 'op_next')).body.status).toBe('approved');
  });

  test('a torn last line: it is cut off and reported, and what follows is readable', async () => {
    const first = await testSimulator();
    await first.post('/v1/charges', CHARGE, 'op_1');
    await first.close();
    appendFileSync(join(first.dataDir, JOURNAL), '{"charge":{"id":"ch_half');

    const events: string[] = [];
    const log = (event: string) => void events.push(event);
    const second = await testSimulator({ dataDir: first.dataDir, log });
    await second.post('/v1/charges', { ...CHARGE, operation: 'op_2', attempt: 'att_2' }, 'op_2');
    await second.close();
    expect(events).toContain('simulator.journal_torn');
    const third = await testSimulator({ dataDir: first.dataDir });
    expect((await third.books()).charges).toHaveLength(2);
  });

  test('a broken line in the middle stops the start and names file, line and remedy', async () => {
    const dataDir = tempDir();
    writeFileSync(join(dataDir, JOURNAL), '{"fired":"a"}\nnonsense\n{"fired":"b"}\n');
    await expect(testSimulator({ dataDir })).rejects.toThrow(
      /Line 2 of .*simulator-journal.*Move the file away/,
    );
  });

  test('compaction at the start: a fraction of the file, the same books', async () => {
    const first = await testSimulator();
    await first.post('/v1/charges', CHARGE, 'op_1');
    for (let i = 0; i < 100; i += 1) await first.get('/v1/operations/op_1');
    const before = await first.books();
    await first.close();
    const sizeBefore = readFileSync(join(first.dataDir, JOURNAL)).length;

    const second = await testSimulator({ dataDir: first.dataDir, limits: { compactBytes: 1 } });
    expect((await second.books()).charges).toEqual(before.charges);
    expect(before.charges[0]?.calls).toHaveLength(50);
    expect(before.charges[0]?.calls_total).toBe(101);
    expect(readFileSync(join(first.dataDir, JOURNAL)).length).toBeLessThan(sizeBefore / 50);
    expect((await second.get('/v1/operations/op_1')).body.status).toBe('approved');
  });
});

describe('what is refused', () => {
  test.each([
    ['a missing key', CHARGE, undefined, 400, 'idempotency_key_missing'],
    ['a body that is no JSON', '{', 'k', 400, 'invalid_request'],
    ['a body that is no object', [], 'k', 400, 'invalid_request'],
    ['an unknown field', { ...CHARGE, amuont: 1 }, 'k', 400, 'invalid_request'],
    ['a prototype in disguise', '{"__proto__":{"amount":1}}', 'k', 400, 'invalid_request'],
    ['amount 0', { ...CHARGE, amount: 0 }, 'k', 400, 'invalid_request'],
    ['a fraction', { ...CHARGE, amount: 1.5 }, 'k', 400, 'invalid_request'],
    ['an amount as text', { ...CHARGE, amount: '42' }, 'k', 400, 'invalid_request'],
    ['an amount beyond 2^53', { ...CHARGE, amount: 2 ** 53 }, 'k', 400, 'invalid_request'],
    ['a currency in small letters', { ...CHARGE, currency: 'eur' }, 'k', 400, 'invalid_request'],
    ['a script as return_url', { ...CHARGE, return_url: 'javascript:1' }, 'k', 400, 'invalid_request'],
    ['an unknown token', { ...CHARGE, token: 'tok_x' }, 'k', 422, 'unknown_token'],
    [
      'a challenge without return_url',
      { ...CHARGE, token: 'tok_3ds', return_url: null },
      'k',
      422,
      'return_url_required',
    ],
  ])('%s', async (_, body, key, status, code) => {
    const simulator = await testSimulator();
    const answer = await simulator.post('/v1/charges', body, key);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect((await simulator.books()).charges).toEqual([]);
  });

  test('a body beyond the limit, and addresses that do not exist', async () => {
    const simulator = await testSimulator();
    expect((await simulator.post('/v1/charges', 'x'.repeat(70_000), 'k')).status).toBe(413);
    for (const path of ['/', '/v1/', '/v1/nothing', '/v1/charges/ch_1/melt', '/3ds/ch_1/melt', '/%E0%A4%A']) {
      expect((await simulator.get(path)).status).toBe(404);
      expect((await simulator.post(path, {}, 'k')).status).toBe(404);
    }
  });

  test('one key for two requests, and a key that is in flight', async () => {
    const simulator = await testSimulator();
    await simulator.post('/v1/charges', CHARGE, 'op_1');
    const other = await simulator.post('/v1/charges', { ...CHARGE, amount: 1 }, 'op_1');
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);

    await simulator.post('/settings', { slow_ms: 100 });
    const slow = { ...CHARGE, token: 'tok_slow', operation: 'op_2', attempt: 'att_2' };
    const answers = await Promise.all([
      simulator.post('/v1/charges', slow, 'op_2'),
      simulator.post('/v1/charges', slow, 'op_2'),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await simulator.books()).totals.charges).toBe(2);
  });

  test('more charges than the books hold, with the old ones still served', async () => {
    const simulator = await testSimulator({ limits: { charges: 1 } });
    await simulator.post('/v1/charges', CHARGE, 'op_1');
    const second = await simulator.post('/v1/charges', { ...CHARGE, operation: 'op_2' }, 'op_2');
    expect([second.status, second.body.code]).toEqual([507, 'books_full']);
    expect((await simulator.post('/v1/charges', CHARGE, 'op_1')).status).toBe(200);
  });

  test('a port in use, before any file is touched', async () => {
    const simulator = await testSimulator();
    const port = Number(new URL(simulator.url).port);
    await expect(testSimulator({ port, dataDir: simulator.dataDir })).rejects.toThrow(
      /in use.*TRUEPENNY_SIMULATOR_PORT/,
    );
  });
});

describe('the provider keeps its own rules', () => {
  async function charged(overrides: object) {
    const world = movableWorld();
    const simulator = await testSimulator({ world });
    const { body } = await simulator.post('/v1/charges', { ...CHARGE, amount: 100, ...overrides }, 'op_1');
    let n = 1;
    const act = async (verb: string, input: object = {}) => {
      n += 1;
      const path = `/v1/charges/${body.charge}/${verb}`;
      const answer = await simulator.post(path, { operation: `op_${n}`, ...input }, `op_${n}`);
      return answer.status === 200 ? answer.body.status : answer.body.code;
    };
    const book = async () => (await simulator.books()).charges[0];
    return { simulator, world, act, book };
  }

  test('captures in parts stay within the authorisation; final releases the rest', async () => {
    const { act, book } = await charged({ capture: false });
    expect(await act('capture', { amount: 60, final: false })).toBe('approved');
    expect(await act('capture', { amount: 41 })).toBe('capture_exceeds_authorization');
    expect(await act('capture', { amount: 10, final: true })).toBe('approved');
    expect(await act('void')).toBe('void_after_capture');
    expect(await act('capture', { amount: 1 })).toBe('already_captured');
    expect(await book()).toMatchObject({ authorized: 100, captured: 70, voided: 30, status: 'captured' });
  });

  test.each([
    ['a last capture of nothing', 'capture', { amount: 0, final: true }, 'nothing_captured'],
    ['a void', 'void', {}, null],
  ])('the rest of a partial capture is released by %s', async (_, verb, input, before) => {
    const { act, book } = await charged({ capture: false });
    if (before !== null) expect(await act(verb, input)).toBe(before);
    expect(await act('capture', { amount: 60, final: false })).toBe('approved');
    expect(await act(verb, input)).toBe('approved');
    const then = { captured: 60, voided: 40, status: 'captured', captures: [{ amount: 60 }] };
    expect(await book()).toMatchObject(then);
    expect(await act('void')).toBe('already_voided');
    expect(await act('capture', { amount: 1 })).toBe('already_captured');
    expect(await act('refund', { amount: 60 })).toBe('approved');
    expect(await book()).toMatchObject({ ...then, refunded: 60 });
  });

  test('refunds in parts stay within what was captured', async () => {
    const { act, book } = await charged({});
    expect(await act('refund', { amount: 60 })).toBe('approved');
    expect(await act('refund', { amount: 41 })).toBe('refund_exceeds_capture');
    expect(await act('refund', { amount: 40 })).toBe('approved');
    expect(await act('refund', { amount: 1 })).toBe('already_refunded');
    expect(await book()).toMatchObject({ refunded: 100, refunds: [{ amount: 60 }, { amount: 40 }] });
  });

  test('a void releases everything, once', async () => {
    const { act, book } = await charged({ capture: false });
    expect(await act('refund', { amount: 1 })).toBe('nothing_captured');
    expect(await act('void')).toBe('approved');
    expect(await act('void')).toBe('already_voided');
    expect(await act('capture', { amount: 1 })).toBe('authorization_voided');
    expect(await book()).toMatchObject({ authorized: 100, voided: 100, status: 'voided' });
  });

  test('a declined charge takes nothing', async () => {
    const { act } = await charged({ capture: false, token: 'tok_decline_lost_card' });
    expect(await act('capture', { amount: 1 })).toBe('not_authorized');
    expect(await act('void')).toBe('nothing_to_void');
    expect(await act('complete')).toBe('not_challenged');
  });

  test('an authorisation lapses after seven days, or by hand', async () => {
    const { act, world, book } = await charged({ capture: false });
    world.forward(7 * 24 * 3600_000);
    expect(await act('capture', { amount: 1 })).toBe('authorization_expired');
    expect(await act('void')).toBe('authorization_expired');
    expect(await book()).toMatchObject({ status: 'expired', voided: 100 });

    const other = await charged({ capture: false });
    const id = (await other.book())?.provider_reference;
    expect((await other.simulator.post(`/charges/${id}/expire`, {})).status).toBe(200);
    expect((await other.simulator.post(`/charges/${id}/expire`, {})).body.code).toBe('nothing_to_expire');
  });

  test('a refund made in the dashboard is in the books without an operation of ours', async () => {
    const { simulator, book } = await charged({});
    const id = (await book())?.provider_reference;
    await simulator.post(`/charges/${id}/refund`, { amount: 30 });
    expect(await book()).toMatchObject({ refunded: 30, refunds: [{ amount: 30, operation: null }] });
    const beyond = await simulator.post(`/charges/${id}/refund`, { amount: 71 });
    expect(beyond.body.code).toBe('refund_exceeds_capture');
  });

  test.each([
    ['capture', { capture: false }, { amount: 3, final: false }, 'captured', 99],
    ['refund', { capture: true }, { amount: 3 }, 'refunded', 99],
  ] as const)('100 %ss at once never exceed what is there', async (verb, overrides, input, field, sum) => {
    const { act, book } = await charged(overrides);
    const answers = await Promise.all(Array.from({ length: 100 }, () => act(verb, input)));
    expect(answers.filter((answer) => answer === 'approved')).toHaveLength(33);
    expect((await book())?.[field]).toBe(sum);
  });
});

describe('duplicates', () => {
  test('honoured: 100 at once move the money once and all hear the same', async () => {
    const simulator = await testSimulator();
    const sends = Array.from({ length: 100 }, () => simulator.post('/v1/charges', CHARGE, 'op_1'));
    const answers = await Promise.all(sends);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    const { charges } = await simulator.books();
    expect(charges).toHaveLength(1);
    expect(charges[0]?.calls_total).toBe(100);
  });

  test('ignored: the same key charges again, and the look-up tells of the first', async () => {
    const simulator = await testSimulator();
    await simulator.post('/settings', { duplicate_keys: 'ignored' });
    const first = await simulator.post('/v1/charges', CHARGE, 'op_1');
    const second = await simulator.post('/v1/charges', CHARGE, 'op_1');
    expect(second.body.charge).not.toBe(first.body.charge);
    expect((await simulator.books('?reference=pay_1')).totals.by_currency.EUR?.captured).toBe(8400);
    expect((await simulator.get('/v1/operations/op_1')).body.charge).toBe(first.body.charge);
  });
});

describe('the admin door', () => {
  test('pages through large books and filters by payment', async () => {
    const simulator = await testSimulator();
    for (let i = 1; i <= 5; i += 1) {
      const charge = { ...CHARGE, reference: `pay_${i}`, attempt: `att_${i}`, operation: `op_${i}` };
      await simulator.post('/v1/charges', charge, `op_${i}`);
    }
    const first = await simulator.books('?limit=3');
    const rest = await simulator.books(`?limit=3&cursor=${first.next_cursor}`);
    const references = [...first.charges, ...rest.charges].map((charge) => charge.reference);
    expect(references).toEqual(['pay_1', 'pay_2', 'pay_3', 'pay_4', 'pay_5']);
    expect(rest.next_cursor).toBeNull();
    expect(first.totals.by_currency.EUR?.captured).toBe(5 * 4200);
    expect((await simulator.books('?reference=pay_4')).charges).toHaveLength(1);
    expect((await simulator.get('/books?limit=x')).status).toBe(400);
  });

  test('lists every token with an explanation', async () => {
    const simulator = await testSimulator();
    const { tokens } = (await simulator.get('/tokens')).body as {
      tokens: { token: string; explanation: string }[];
    };
    expect(tokens.map((one) => one.token)).toContain('tok_decline_insufficient_funds');
    expect(tokens.every((one) => one.explanation.length > 5)).toBe(true);
  });

  test.each([
    ['/faults', { operation: 'refund', fault: 'melt' }],
    ['/faults', { operation: 'refund', fault: 'timeout_after', times: 0 }],
    ['/faults', { operation: 'lookup', fault: 'wrong_amount' }],
    ['/faults', {}],
    ['/settings', { pending_ms: -1 }],
    ['/settings', { latency_ms: { min: 5, max: 1 } }],
    ['/settings', { duplicate_keys: 'maybe' }],
    ['/outage', { mode: 'sideways' }],
    ['/outage', '{'],
  ])('refuses POST %s %j', async (path, body) => {
    const simulator = await testSimulator();
    expect((await simulator.post(path, body)).status).toBeOneOf([400, 422]);
  });

  test('clears the books for good', async () => {
    const simulator = await testSimulator();
    await simulator.post('/v1/charges', CHARGE, 'op_1');
    await simulator.remove('/books');
    expect((await simulator.books()).charges).toEqual([]);
    await simulator.close();
    const again = await testSimulator({ dataDir: simulator.dataDir });
    expect((await again.books()).charges).toEqual([]);
  });

  test('changes only the settings that are named, and shows them', async () => {
    const simulator = await testSimulator();
    const changed = await simulator.post('/settings', { pending_ms: 7, latency_ms: { min: 0, max: 3 } });
    expect(changed.body).toMatchObject({ pending_ms: 7, slow_ms: 2000, duplicate_keys: 'honored' });
    expect((await simulator.get('/settings')).body).toEqual(changed.body);
    const sale = await simulator.post('/v1/charges', CHARGE, 'op_1');
    expect(sale.body.status).toBe('approved');
  });
});
