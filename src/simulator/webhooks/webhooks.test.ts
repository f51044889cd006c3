import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { CHARGE, childSimulator, httpClient, tempDir, testSimulator } from '../test-kit.ts';
import { charging, receiver, SECRET, tellingSimulator, typesOf, until } from './test-kit.ts';

const SALE = ['charge.authorized', 'charge.captured'];

describe('what happens is told', () => {
  test('by calls: each thing once, signed, with the very words of the list of transactions', async () => {
    const { simulator, target, charge } = await tellingSimulator();
    const sale = await charge();
    await simulator.post(`/v1/charges/${sale}/refund`, { operation: 'op_r', amount: 500 }, 'op_r');
    await simulator.post(`/v1/charges/${sale}/refund`, { operation: 'op_r', amount: 500 }, 'op_r');
    const reserved = await charge({ capture: false });
    const part = { operation: 'op_c', amount: 1000, final: false };
    await simulator.post(`/v1/charges/${reserved}/capture`, part, 'op_c');
    const rest = { operation: 'op_x', amount: 0, final: true };
    await simulator.post(`/v1/charges/${reserved}/capture`, rest, 'op_x');
    const other = await charge({ capture: false });
    await simulator.post(`/v1/charges/${other}/void`, { operation: 'op_v' }, 'op_v');
    await charge({ token: 'tok_decline_lost_card' });

    const { transactions } = await simulator.list();
    expect(typesOf(transactions)).toEqual([
      ...SALE,
      'refund.succeeded',
      'charge.authorized',
      'charge.captured',
      'charge.voided',
      'charge.authorized',
      'charge.voided',
      'charge.declined',
    ]);
    await until(() => target.got.length === transactions.length);
    expect(target.got.map(({ told }) => told)).toEqual(transactions);
    expect(target.got.every(({ signed }) => signed)).toBe(true);
    expect(target.got.map(({ id }) => id)).toEqual(transactions.map(({ id }) => id));
    expect(new Set(transactions.map(({ id }) => id)).size).toBe(transactions.length);

    const [book] = (await simulator.books('?reference=pay_1')).charges;
    const common = {
      reference: 'pay_1',
      attempt: 'att_1',
      charge: sale,
      currency: 'EUR',
      of: null,
      code: '00',
    };
    expect(transactions.slice(0, 3).map(({ data }) => data)).toEqual([
      { ...common, amount: 4200, operation: 'op_1', movement: null, details: expect.any(Object) },
      { ...common, amount: 4200, operation: 'op_1', movement: book?.captures[0]?.id, details: null },
      { ...common, amount: 500, operation: 'op_r', movement: book?.refunds[0]?.id, details: null },
    ]);
    expect(transactions[5]?.data).toMatchObject({ amount: 3200, operation: 'op_x' });
    expect(transactions[8]?.data).toMatchObject({ amount: 4200, code: '41' });
  });

  test('so that whoever uses the package of Standard Webhooks can verify it', async () => {
    const { target, charge } = await tellingSimulator();
    await charge();
    await until(() => target.got.length === 2);
    for (const { body, headers, told } of target.got) {
      const given = headers as Record<string, string>;
      expect(new Webhook(SECRET).verify(body, given)).toEqual(told);
      expect(() => new Webhook(SECRET).verify(`${body} `, given)).toThrow();
    }
  });

  test('though the answer to the call was lost', async () => {
    const { target, charge } = await tellingSimulator();
    await charge({ token: 'tok_error_after' });
    await until(() => target.got.length === 2);
    expect(typesOf(target.got.map(({ told }) => told))).toEqual(SALE);
  });

  test('by time: a pending charge settles with nobody looking', async () => {
    const { world, target, charge } = await tellingSimulator({ pending_ms: 60_000 });
    await charge({ token: 'tok_pending_then_approve' });
    await charge({ token: 'tok_pending_then_decline' });
    world.forward(60_000);
    await until(() => target.got.length === 3);
    expect(typesOf(target.got.map(({ told }) => told))).toEqual([...SALE, 'charge.declined']);
  });

  test('by time: what was approved after a while lapses a week after that', async () => {
    const { world, target, charge } = await tellingSimulator({ pending_ms: 60_000 });
    await charge({ token: 'tok_pending_then_approve', capture: false });
    world.forward(60_000);
    await until(() => target.got.length === 1);
    world.forward(8 * 24 * 3600_000);
    await until(() => target.got.at(-1)?.told.type === 'charge.expired');
  });

  test('by time: an authorisation lapses, a challenge that nobody answers is declined', async () => {
    const { world, target, charge } = await tellingSimulator();
    await charge({ capture: false });
    await charge({ token: 'tok_3ds' });
    world.forward(8 * 24 * 3600_000);
    await until(() => target.got.length === 3);
    const told = target.got.map((one) => one.told);
    expect(typesOf(told)).toEqual(['charge.authorized', 'charge.declined', 'charge.expired']);
    expect([told[1]?.data.code, told[2]?.data.amount]).toEqual(['3A', 4200]);
  });

  test('by the customer: a failed challenge at once, a passed one when it is completed', async () => {
    const { simulator, target, charge } = await tellingSimulator();
    const failing = await charge({ token: 'tok_3ds' });
    const passing = await charge({ token: 'tok_3ds' });
    const press = (id: string, button: string) =>
      fetch(`${simulator.url}/3ds/${id}/${button}`, { method: 'POST', redirect: 'manual' });
    await press(passing, 'approve');
    await press(failing, 'fail');
    await simulator.post(`/v1/charges/${passing}/complete`, { operation: 'op_done' }, 'op_done');
    await until(() => target.got.length === 3);
    const told = target.got.map((one) => one.told);
    expect(typesOf(told)).toEqual(['charge.declined', ...SALE]);
    expect(told.map(({ data }) => data.operation)).toEqual(['op_1', 'op_done', 'op_done']);
  });
});

describe('delivery', () => {
  test.each([500, 404, 302])(
    'an answer of %i is no delivery: the same id again, until a 2xx',
    async (status) => {
      const { target, charge } = await tellingSimulator();
      target.its.status = status;
      await charge({ capture: false });
      await until(() => target.got.length >= 3);
      target.its.status = 202;
      const before = target.got.length;
      await charge({ capture: false });
      await until(() => new Set(target.got.map(({ id }) => id)).size === 2);
      expect(target.got.filter(({ id }) => id === target.got[0]?.id).length).toBeGreaterThanOrEqual(3);
      expect(target.got.every(({ signed }) => signed)).toBe(true);
      expect(before).toBeGreaterThanOrEqual(3);
    },
  );

  test('a receiver that never answers is given up after the deadline and tried again', async () => {
    const { simulator, target, charge } = await tellingSimulator({}, { limits: { webhookMs: 30 } });
    target.its.status = null;
    await charge({ capture: false });
    await until(() => target.got.length >= 2);
    expect(new Set(target.got.map(({ id }) => id)).size).toBe(1);
    expect((await deliveries(simulator))[0]).toMatchObject({ error: 'timeout', http_status: null, try: 1 });
  });

  test('waits grow from try to try, and the last one repeats', async () => {
    const { world, simulator, target, charge } = await tellingSimulator({
      webhook_retry_ms: [60_000, 600_000],
    });
    await simulator.post('/webhooks/pause', {});
    await charge({ capture: false });
    const refused = (await simulator.list()).transactions[0]?.id ?? '';
    target.its.refused = refused;
    await simulator.post('/webhooks/resume', {});
    const tries = async () => (await deliveries(simulator)).filter(({ event }) => event === refused).length;
    await until(async () => (await tries()) === 1);
    for (const [wait, nth] of [
      [60_000, 2],
      [600_000, 3],
      [600_000, 4],
    ] as const) {
      world.forward(wait / 2);
      await charge({ token: 'tok_decline_lost_card' });
      await charge({ token: 'tok_decline_lost_card' });
      // Were it due, it would have gone before the second of these.
      await until(() => target.got.filter(({ id }) => id !== refused).length === 2 * (nth - 1));
      expect(await tries()).toBe(nth - 1);
      world.forward(wait / 2);
      await until(async () => (await tries()) === nth);
    }
  });

  test('an endpoint that is down does not stop another', async () => {
    const { simulator, target, charge } = await tellingSimulator();
    const other = await receiver();
    await simulator.post('/webhook-endpoints', { url: other.url, secret: SECRET });
    target.its.status = null;
    await charge();
    await charge();
    await until(() => other.got.length === 4);
    const { endpoints } = (await simulator.get('/webhook-endpoints')).body as { endpoints: Endpoint[] };
    await until(async () => (await pending(simulator, other.url)) === 0);
    expect(endpoints.map(({ url }) => url)).toEqual([target.url, other.url]);
    expect(await pending(simulator, target.url)).toBe(4);
  });

  test('no more tries are under way at once than allowed', async () => {
    const { simulator, target, charge } = await tellingSimulator({ webhook_concurrency: 3 });
    target.its.status = null;
    for (let i = 0; i < 5; i += 1) await charge();
    await until(() => target.its.underWay === 3);
    await simulator.post('/settings', { webhook_concurrency: 5 });
    await charge();
    await until(() => target.its.underWay === 5);
    expect(target.its.mostUnderWay).toBe(5);
  });

  test('what was not taken before a restart is sent after it, and what was taken is not', async () => {
    const { simulator, target, charge } = await tellingSimulator();
    await charge();
    await until(async () => (await pending(simulator, target.url)) === 0);
    target.its.status = null;
    await charge();
    await until(() => target.got.length === 3);
    await simulator.close();
    target.its.status = 200;
    target.got.length = 0;

    const again = await testSimulator({ dataDir: simulator.dataDir, limits: { compactBytes: 1 } });
    const { transactions } = await again.list();
    await until(() => target.got.length >= 2);
    await until(async () => (await pending(again, target.url)) === 0);
    expect(target.got.map(({ id }) => id)).toEqual(transactions.slice(2).map(({ id }) => id));
  });

  test('kill -9 under load: nothing was told that is not in the books, and all in the books is told', async () => {
    const target = await receiver();
    const dataDir = tempDir();
    const child = await childSimulator(dataDir, { url: target.url, secret: SECRET });
    const client = httpClient(child.url);
    const lanes = Array.from({ length: 8 }, async (_, lane) => {
      for (let i = 0; ; i += 1) {
        const operation = `op_${lane}_${i}`;
        const order = { ...CHARGE, operation, attempt: operation };
        if ((await client.post('/v1/charges', order, operation).catch(() => null)) === null) return;
        if (target.got.length > 200) await child.kill();
      }
    });
    await Promise.all(lanes);

    const told = new Set(target.got.map(({ id }) => id));
    const again = await testSimulator({ dataDir });
    const inBooks = await wholeList(again);
    expect(told.size).toBeGreaterThan(100);
    expect([...told].filter((id) => !inBooks.has(id))).toEqual([]);
    await until(async () => (await pending(again, target.url)) === 0);
    expect(new Set(target.got.map(({ id }) => id))).toEqual(inBooks);
  });

  test('a stop breaks off what is under way and ends at once', async () => {
    const { simulator, target, charge } = await tellingSimulator({}, { limits: { webhookMs: 60_000 } });
    target.its.status = null;
    await charge();
    await until(() => target.its.underWay === 1);
    await simulator.close();
    await until(() => target.its.brokenOff === 1);
  });
});

describe('misbehaviour', () => {
  test('each webhook several times, under one id', async () => {
    const { target, charge } = await tellingSimulator({ webhook_copies: 3 });
    await charge();
    await until(() => target.got.length === 6);
    const counts = Map.groupBy(target.got, ({ id }) => id);
    expect([...counts.values()].map((copies) => copies.length)).toEqual([3, 3]);
  });

  test('a delay', async () => {
    const { world, simulator, target, charge } = await tellingSimulator({ webhook_delay_ms: 3600_000 });
    await charge();
    await simulator.post('/settings', { webhook_delay_ms: 0 });
    await charge({ capture: false });
    await until(() => target.got.length === 1);
    expect(target.got[0]?.told.data.reference).toBe('pay_2');
    world.forward(3600_000);
    await until(() => target.got.length === 3);
  });

  test('an order that is shuffled within a window, the same for the same seed', async () => {
    const orders = [];
    for (const webhook_seed of [1, 1, 2]) {
      const { target, charge } = await tellingSimulator({ webhook_shuffle: 10, webhook_seed });
      for (let i = 0; i < 20; i += 1) await charge({ capture: false });
      await until(() => target.got.length === 20);
      orders.push(target.got.map(({ told }) => told.data.reference));
    }
    const asked = Array.from({ length: 20 }, (_, i) => `pay_${i + 1}`);
    expect(orders[0]).not.toEqual(asked);
    expect(orders[0]?.slice(0, 10).sort()).toEqual(asked.slice(0, 10).sort());
    expect(orders[1]).toEqual(orders[0]);
    expect(orders[2]).not.toEqual(orders[0]);
  });

  test('a shuffle that does not fill up goes out after a second', async () => {
    const { world, target, charge } = await tellingSimulator({ webhook_shuffle: 10 });
    await charge();
    world.forward(1_000);
    await until(() => target.got.length === 2);
  });

  test('a share is lost for good, the same for the same seed', async () => {
    const arrived = [];
    for (const webhook_seed of [1, 1, 2]) {
      const { simulator, target, charge } = await tellingSimulator({ webhook_lost_share: 0.5, webhook_seed });
      for (let i = 0; i < 40; i += 1) await charge({ capture: false });
      await until(async () => (await pending(simulator, target.url)) === 0);
      const lost = (await deliveries(simulator)).filter(({ fault }) => fault === 'lost');
      expect(lost.length + target.got.length).toBe(40);
      arrived.push(target.got.map(({ told }) => told.data.reference));
    }
    expect(arrived[0]?.length).toBeGreaterThan(5);
    expect(arrived[0]?.length).toBeLessThan(35);
    expect(arrived[1]).toEqual(arrived[0]);
    expect(arrived[2]).not.toEqual(arrived[0]);
  });

  test('a share is signed wrongly', async () => {
    const { simulator, target, charge } = await tellingSimulator({ webhook_corrupted_share: 0.5 });
    for (let i = 0; i < 20; i += 1) await charge({ capture: false });
    await until(async () => (await pending(simulator, target.url)) === 0);
    const wrong = target.got.filter(({ signed }) => !signed).map(({ id }) => id);
    const noted = (await deliveries(simulator)).filter(({ fault }) => fault === 'corrupted');
    expect(wrong.length).toBeGreaterThan(2);
    expect(wrong.length).toBeLessThan(18);
    expect(noted.map(({ event }) => event)).toEqual(wrong);
  });

  test('all held back, and released later in their order', async () => {
    const { simulator, target, charge } = await tellingSimulator();
    await simulator.post('/webhooks/pause', {});
    for (let i = 0; i < 3; i += 1) await charge();
    expect((await simulator.get('/webhooks/log')).body).toEqual({ paused: true, deliveries: [] });
    expect(target.got).toEqual([]);
    await simulator.post('/webhooks/resume', {});
    await until(() => target.got.length === 6);
    expect(target.got.map(({ told }) => told)).toEqual((await simulator.list()).transactions);
  });
});

describe('endpoints', () => {
  test('are told from their registration on, listed without the secret, and left alone once removed', async () => {
    const { simulator, target, charge } = await tellingSimulator();
    const late = await receiver();
    await charge({ capture: false });
    const { body } = await simulator.post('/webhook-endpoints', { url: late.url, secret: SECRET });
    await charge({ capture: false });
    await until(() => late.got.length === 1 && target.got.length === 2);
    expect(late.got[0]?.told.data.reference).toBe('pay_2');
    expect(JSON.stringify((await simulator.get('/webhook-endpoints')).body)).not.toContain('whsec_');

    const { id } = body as { id: string };
    expect((await simulator.remove(`/webhook-endpoints/${id}`)).status).toBe(204);
    expect((await simulator.remove(`/webhook-endpoints/${id}`)).status).toBe(404);
    await charge({ capture: false });
    await until(() => target.got.length === 3);
    expect(late.got).toHaveLength(1);
  });

  test('the address of one that is known gets another secret and keeps its place', async () => {
    const { simulator, target, charge } = await tellingSimulator();
    await simulator.post('/webhooks/pause', {});
    await charge({ capture: false });
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    await simulator.post('/webhook-endpoints', { url: target.url, secret });
    await simulator.post('/webhooks/resume', {});
    await until(() => target.got.length === 1);
    expect(target.got[0]?.signed).toBe(false);
    const { endpoints } = (await simulator.get('/webhook-endpoints')).body as { endpoints: Endpoint[] };
    expect(endpoints).toHaveLength(1);
  });

  test('one can come from the configuration, and is one after a restart still', async () => {
    const target = await receiver();
    const webhook = { url: target.url, secret: SECRET };
    const first = await testSimulator({ webhook });
    await charging(first)({ capture: false });
    // Not only sent but taken: what was under way when it stopped is sent again.
    await until(async () => target.got.length === 1 && (await pending(first, target.url)) === 0);
    await first.close();
    const second = await testSimulator({ webhook, dataDir: first.dataDir });
    await second.post('/v1/charges', { ...CHARGE, operation: 'op_n', attempt: 'att_n' }, 'op_n');
    await until(() => target.got.length === 3);
    await until(async () => (await pending(second, target.url)) === 0);
    expect(new Set(target.got.map(({ id }) => id)).size).toBe(3);
    expect(target.got).toHaveLength(3);
  });

  test('stay when the books are cleared; what was on its way to them goes', async () => {
    const { simulator, target, charge } = await tellingSimulator();
    await simulator.post('/webhooks/pause', {});
    await charge();
    await simulator.remove('/books');
    await simulator.post('/webhooks/resume', {});
    await charge({ capture: false });
    await until(() => target.got.length === 1);
    expect(target.got[0]?.told.data.reference).toBe('pay_2');
  });

  test('stay over a restart after which the journal is written anew, and after the books were cleared', async () => {
    const { simulator, target, charge } = await tellingSimulator();
    const id = await charge();
    for (let i = 0; i < 20; i += 1) await simulator.get(`/v1/charges/${id}`);
    await until(async () => (await pending(simulator, target.url)) === 0);
    await simulator.close();
    const compacting = { dataDir: simulator.dataDir, limits: { compactBytes: 1 } };
    await (await testSimulator(compacting)).close();
    const third = await testSimulator(compacting);
    expect(await pending(third, target.url)).toBe(0);
    await third.remove('/books');
    await third.close();
    const fourth = await testSimulator(compacting);
    await charging(fourth)();
    await until(() => target.got.length === 4);
  });

  test.each([
    [{ secret: SECRET }],
    [{ url: 'file:///etc/passwd', secret: SECRET }],
    [{ url: 'http://127.0.0.1:1/', secret: 'whsec_short' }],
    [{ url: 'http://127.0.0.1:1/', secret: 'nonsense' }],
  ])('refuses %j', async (body) => {
    const simulator = await testSimulator();
    expect((await simulator.post('/webhook-endpoints', body)).status).toBe(400);
  });

  test('are ten at most', async () => {
    const simulator = await testSimulator();
    const add = (i: number) =>
      simulator.post('/webhook-endpoints', { url: `http://127.0.0.1:1/${i}`, secret: SECRET });
    for (let i = 0; i < 10; i += 1) expect((await add(i)).status).toBe(201);
    expect((await add(10)).body.code).toBe('too_many_endpoints');
  });

  test.each([
    { webhook_lost_share: 1.1 },
    { webhook_copies: 0 },
    { webhook_retry_ms: [] },
    { webhook_retry_ms: [-1] },
    { webhook_concurrency: 0 },
  ])('the setting %j is refused', async (setting) => {
    const simulator = await testSimulator();
    expect((await simulator.post('/settings', setting)).status).toBe(400);
  });
});

async function wholeList(simulator: Client): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let page = await simulator.list(); ; page = await simulator.list(`?after=${page.next_cursor}`)) {
    for (const { id } of page.transactions) ids.add(id);
    if (!page.has_more) return ids;
  }
}

type Endpoint = { id: string; url: string; pending: number };
type Delivery = { at: string; event: string; try: number; fault: string | null; error: string | null };
type Client = ReturnType<typeof httpClient>;

async function deliveries(simulator: Client): Promise<Delivery[]> {
  return ((await simulator.get('/webhooks/log')).body as { deliveries: Delivery[] }).deliveries;
}

async function pending(simulator: Client, url: string): Promise<number | undefined> {
  const { endpoints } = (await simulator.get('/webhook-endpoints')).body as { endpoints: Endpoint[] };
  return endpoints.find((one) => one.url === url)?.pending;
}
