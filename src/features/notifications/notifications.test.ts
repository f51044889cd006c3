import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { untilPast } from '../../../test/support/past.ts';
import { DETAILS, request, sale, type TestPlatform, testPlatform } from '../../../test/support/platform.ts';
import { toUuid } from '../../core/ids.ts';
import { LIMITS } from '../../ops/limits.ts';
import { claim } from './deliver.ts';
import { adoptDatabase, fanOut } from './fan-out.ts';
import { runNotifications, workOff } from './run.ts';
import { createSender } from './send.ts';
import { type Notifier, notifier, type Receiver, receiver } from './test-kit.ts';

const HOUR_MS = 3600_000;
const SALE = [
  'payment.created',
  'payment.attempt_started',
  'payment.authorization_approved',
  'capture.succeeded',
];

let t: TestPlatform;
let n: Notifier;
let shop: Receiver;
beforeAll(async () => {
  t = await testPlatform();
});
afterAll(() => t.close());
beforeEach(async () => {
  n = notifier(t);
  shop = await receiver();
});
afterEach(async () => {
  // Endpoints of one test hear nothing of the next.
  const page = { limit: 100, cursor: null };
  const { data } = (await n.notifications.list(t.principal, page)).body as { data: { id: string }[] };
  for (const { id } of data) await n.notifications.remove(t.principal, id);
  await Promise.all([n.close(), shop.close()]);
});

const types = () => shop.got.map(({ hook }) => hook.type);
const heard = () => shop.got.map(({ hook }) => hook.payment ?? '');
const sorted = (list: string[]) => [...list].sort();

describe('what is sent', () => {
  test('every event of a payment arrives once, with its sequence, and nothing of before the endpoint was made', async () => {
    await n.sell();
    await n.endpoint(shop.url);
    const payment = await n.sell();
    await n.until(() => sorted(types()), sorted(SALE));
    expect(await n.work()).toBe(0);
    expect(shop.got.every(({ hook }) => hook.payment === payment)).toBe(true);
    const events = (await t.platform.payments.events(t.principal, payment, { limit: 100, after: 0 }))
      .body as {
      data: { id: string; version: number; recorded_at: string }[];
    };
    const sent = shop.got.map(({ hook, headers }) => ({
      id: hook.id,
      header: headers['webhook-id'],
      version: hook.sequence,
      at: hook.created_at,
    }));
    expect(sent.sort((a, b) => a.version - b.version)).toEqual(
      events.data.map(({ id, version, recorded_at }) => ({ id, header: id, version, at: recorded_at })),
    );
  });

  test('two declines of one payment are two events, each told once', async () => {
    await n.endpoint(shop.url, { events: ['payment.authorization_failed'] });
    const { payments } = t.platform;
    const method = { type: 'card' as const, token: 'tok_decline_do_not_honor' };
    const first = await payments.create(request(t, 'declined', sale(method.token)));
    const { id } = first.body as { id: string };
    const another = { payment: id, payment_method: method, provider_account: null };
    const second = await payments.confirm(request(t, 'declined again', another));
    expect([first.status, second.status]).toEqual([200, 200]);
    await n.until(() => heard(), [id, id]);
    expect(await n.work()).toBe(0);
    expect(new Set(shop.got.map(({ hook }) => hook.id)).size).toBe(2);
  });

  test('an endpoint hears only of what it asked for', async () => {
    await n.endpoint(shop.url, { events: ['capture.*', 'payment.created'] });
    await n.sell();
    await n.until(() => sorted(types()), ['capture.succeeded', 'payment.created']);
  });

  test('no personal data, no token and no talk with the provider leaves the house', async () => {
    await n.endpoint(shop.url);
    const customer = { id: null, name: 'Ada Lovelace', email: 'ada@example.com' };
    await n.sell({ details: { ...DETAILS, description: 'for Ada', customer } });
    await n.until(() => shop.got.length, SALE.length);
    const all = shop.got.map(({ text }) => text).join();
    for (const secret of ['Ada', 'ada@', 'tok_', '"call"']) expect(all).not.toContain(secret);
    expect(all).toContain('"payment_method":{"type":"card"}');
  });

  test('test and live are apart, and so are merchants', async () => {
    const live = { ...t.principal, mode: 'live' as const };
    const { id } = await n.endpoint(shop.url, {}, live);
    await n.sell();
    const heard = await receiver();
    await n.endpoint(heard.url);
    await n.sell();
    await n.until(() => heard.got.length, SALE.length);
    expect(shop.got).toEqual([]);
    expect((await n.notifications.retrieve(t.principal, id)).status).toBe(404);
    expect((await n.notifications.retrieve(live, id)).status).toBe(200);
    await n.notifications.remove(live, id);
    await heard.close();
  });
});

describe('the way from the event table', () => {
  test('an event that is committed late is neither lost nor overtaken', async () => {
    await n.endpoint(shop.url, { events: ['payment.created', 'payment.voided'] });
    const before = await n.sell();
    const late = await t.platform.deps.pool.connect();
    try {
      await late.query('begin');
      await late.query('select pg_current_xact_id()');
      const after = await n.sell();
      await n.until(() => heard(), [before]);
      await late.query(
        `insert into events (payment_id, version, id, merchant_id, type, data, recorded_at, correlation, hash)
         select payment_id, 99, gen_random_uuid(), merchant_id, 'payment_voided', data, recorded_at, correlation, hash
         from events where payment_id = $1 and version = 1`,
        [toUuid(before)],
      );
      await late.query('commit');
      await n.until(() => sorted(heard()), sorted([before, before, after]));
      expect(sorted(types())).toEqual(['payment.created', 'payment.created', 'payment.voided']);
    } finally {
      late.release();
    }
  });

  test('wherever a batch ends, even within a commit, the next one goes on right there', async () => {
    await n.endpoint(shop.url);
    await n.sell();
    let deliveries = 0;
    const handedOn = async () => {
      for (;;) {
        const done = await fanOut(n.deps, 1);
        deliveries += done.deliveries;
        if (done.events === 0) return deliveries;
      }
    };
    await expect.poll(handedOn, { timeout: 10_000 }).toBe(SALE.length);
  });

  test('several workers at once hand on and deliver each event once', async () => {
    await n.endpoint(shop.url);
    for (let i = 0; i < 8; i++) await n.sell();
    const senders = [1, 2, 3, 4].map(() => createSender(n.deps.world, true));
    await Promise.all(senders.map((sender) => workOff(n.deps, sender)));
    await n.until(() => shop.got.length, 8 * SALE.length);
    expect(new Set(shop.got.map(({ hook }) => hook.id)).size).toBe(8 * SALE.length);
    await Promise.all(senders.map((sender) => sender.close()));
  });

  test('a database that was restored elsewhere is followed from its present on', async () => {
    await n.endpoint(shop.url, { events: ['payment.created'] });
    await untilPast(n.deps.pool);
    await t.platform.deps.pool.query(
      `update event_consumers set system_identifier = 1, xid = '900000000', position = 0`,
    );
    await adoptDatabase(n.deps);
    await n.sell();
    await n.until(types, ['payment.created']);
  });
});

describe('a receiver that is not well', () => {
  test('is tried again after a while, with the same id and the same bytes, until it says yes', async () => {
    const { id } = await n.endpoint(shop.url, { events: ['payment.created'] });
    shop.answer.status = 500;
    shop.answer.body = `\u0000${'x'.repeat(5000)}`;
    await n.sell();
    await n.until(() => shop.got.length, 1);
    n.pass(4_000);
    expect(await n.work()).toBe(0);
    n.pass(2_000);
    expect(await n.work()).toBe(1);
    shop.answer.status = 204;
    n.pass(6 * 60_000);
    expect(await n.work()).toBe(1);
    n.pass(240 * HOUR_MS);
    expect(await n.work()).toBe(0);
    expect(new Set(shop.got.map(({ text }) => text)).size).toBe(1);
    const [delivery] = await n.deliveries(id);
    expect(delivery).toMatchObject({ status: 'succeeded', attempt_count: 3 });
    expect(delivery?.attempts.map((a) => a.http_status)).toEqual([204, 500, 500]);
    expect(delivery?.attempts[1]?.response).toHaveLength(LIMITS.notifications.responseBytes);
  });

  test.each([true, false])(
    'that is down for two days gets every event once it is back (ordered: %s)',
    async (ordered) => {
      const { id } = await n.endpoint(shop.url, { ordered });
      shop.answer.status = 503;
      const payments: string[] = [];
      for (let hour = 0; hour < 48; hour += 6) {
        payments.push(await n.sell());
        await n.work();
        n.pass(6 * HOUR_MS);
      }
      await n.until(async () => (await n.deliveries(id)).length, 8 * SALE.length);
      shop.answer.status = 200;
      shop.got.length = 0;
      n.pass(24 * HOUR_MS);
      await n.until(() => shop.got.length, 8 * SALE.length);
      expect(await n.work()).toBe(0);
      for (const payment of payments) {
        const own = shop.got.filter(({ hook }) => hook.payment === payment).map(({ hook }) => hook.sequence);
        expect(ordered ? own : own.sort((a, b) => a - b)).toEqual([1, 2, 3, 4]);
      }
    },
  );

  test('that is back after an outage need not wait for the next attempt of each event', async () => {
    await n.endpoint(shop.url);
    shop.answer.status = 503;
    await n.sell();
    for (let i = 0; i < 4; i++) {
      await n.work();
      n.pass(45 * 60_000);
    }
    await n.work();
    shop.answer.status = 200;
    shop.got.length = 0;
    await n.sell();
    await n.until(() => shop.got.length, 2 * SALE.length);
  });

  test('where order is asked for, the next event of a payment waits, and other payments do not', async () => {
    await n.endpoint(shop.url, { ordered: true });
    shop.answer.status = 500;
    await n.sell();
    await n.until(() => types(), ['payment.created']);
    await n.sell();
    await n.until(() => types(), ['payment.created', 'payment.created']);
    shop.answer.status = 200;
    n.pass(HOUR_MS);
    await n.until(() => types().slice(2).length, 2 * SALE.length);
  });

  test('where order is asked for, what waits behind a failure comes due with it, and at once when it is over', async () => {
    const { id } = await n.endpoint(shop.url, { ordered: true });
    shop.answer.status = 500;
    await n.sell();
    const due = async () => {
      const text = `select status, due_at from deliveries where endpoint_id = $1 order by sequence`;
      return (await n.deps.pool.query<{ status: string; due_at: string }>(text, [toUuid(id)])).rows;
    };
    await n.until(async () => (await due()).length, SALE.length);
    n.pass(6_000);
    await n.until(() => types(), ['payment.created', 'payment.created']);
    const waiting = await due();
    expect(waiting.map(({ status }) => status)).toEqual(SALE.map(() => 'pending'));
    expect(new Set(waiting.map(({ due_at }) => due_at)).size).toBe(1);
    shop.answer.status = 200;
    n.pass(HOUR_MS);
    await n.until(() => types().slice(2), SALE);
  });

  test('that stays away for three days is given up and disabled; what waited goes out once it is enabled', async () => {
    const { id } = await n.endpoint(shop.url, { events: ['payment.created'] });
    shop.answer.status = 500;
    await n.sell();
    for (let hour = 0; hour < 130; hour += 4) {
      await n.work();
      n.pass(4 * HOUR_MS);
    }
    const page = async () => (await n.notifications.retrieve(t.principal, id)).body;
    expect(await page()).toMatchObject({ status: 'disabled', disabled_reason: 'failing' });
    const [failed] = await n.deliveries(id);
    const times = failed?.attempts.map((a) => Date.parse(a.attempted_at)) ?? [];
    expect(failed?.status).toBe('failed');
    expect((times[0] ?? 0) - (times.at(-1) ?? 0)).toBeGreaterThanOrEqual(72 * HOUR_MS);
    shop.answer.status = 200;
    shop.got.length = 0;
    await n.sell();
    await n.until(async () => (await n.deliveries(id)).length, 2);
    expect(shop.got).toEqual([]);
    const enabled = { url: null, events: null, ordered: null, status: 'enabled' as const };
    expect((await n.notifications.update(t.principal, id, enabled)).body).toMatchObject({
      status: 'enabled',
      disabled_reason: null,
      failing_since: null,
    });
    await n.until(() => shop.got.length, 1);
  });

  test('that never answers does not hold up others', async () => {
    const dead = await receiver();
    dead.answer.status = null;
    for (let i = 0; i < 3; i++) await n.endpoint(dead.url);
    await n.endpoint(shop.url);
    const stop = new AbortController();
    const running = runNotifications(n.deps, stop.signal);
    for (let i = 0; i < 12; i++) await n.sell();
    await expect.poll(() => shop.got.length, { timeout: 8_000 }).toBe(12 * SALE.length);
    expect(dead.got.length).toBeGreaterThan(0);
    stop.abort();
    await dead.close();
    await running;
  });

  test('a worker that dies over a delivery is followed by another, with the same id', async () => {
    const { id } = await n.endpoint(shop.url, { events: ['payment.created'] });
    await n.sell();
    await expect.poll(async () => (await fanOut(n.deps)).deliveries, { timeout: 10_000 }).toBe(1);
    const wanted = { healthy: 10, failing: 0, busy: new Map<string, number>() };
    const [lost] = await claim(n.deps, wanted);
    expect(lost?.attempts).toBe(1);
    expect(await n.work()).toBe(0);
    n.pass(LIMITS.notifications.leaseMs + 1);
    expect(await n.work()).toBe(1);
    const [delivery] = await n.deliveries(id);
    expect(delivery).toMatchObject({ status: 'succeeded', attempt_count: 2, event: shop.got[0]?.hook.id });
  });
});

describe('sending again', () => {
  test('one delivery, or all of a range, arrives again with its id', async () => {
    const { id } = await n.endpoint(shop.url);
    await n.sell();
    await n.until(() => shop.got.length, SALE.length);
    const [first] = await n.deliveries(id);
    const all = { endpoint: id, delivery: null, from: null, to: null, status: null, cursor: null };
    const again = (key: string, more: object) =>
      n.notifications.redeliver(request(t, `${id} ${key}`, { ...all, ...more }));
    expect((await again('one', { delivery: first?.id })).body).toMatchObject({ count: 1 });
    await n.until(() => shop.got.length, SALE.length + 1);
    expect(shop.got.at(-1)?.headers['webhook-id']).toBe(first?.event);
    const replay = await again('one', { delivery: first?.id });
    expect(replay.replayed).toBe(true);
    const from = new Date(n.deps.world.now() - HOUR_MS).toISOString();
    expect((await again('range', { from, status: 'succeeded' })).body).toMatchObject({
      count: SALE.length,
      has_more: false,
    });
    await n.until(() => shop.got.length, 2 * SALE.length + 1);
    expect((await again('none', { from, to: from })).body).toMatchObject({ count: 0 });
    expect(await n.work()).toBe(0);
  });

  test('a disabled endpoint is sent nothing until it is enabled, and then what has waited', async () => {
    const { id } = await n.endpoint(shop.url);
    const patch = { url: null, events: null, ordered: null };
    await n.notifications.update(t.principal, id, { ...patch, status: 'disabled' });
    await n.sell();
    await n.until(async () => (await n.deliveries(id)).length, SALE.length);
    expect(shop.got).toEqual([]);
    await n.notifications.update(t.principal, id, { ...patch, status: 'enabled' });
    await n.until(() => shop.got.length, SALE.length);
  });

  test('a deleted endpoint is sent nothing any more, and its secret is gone', async () => {
    const { id } = await n.endpoint(shop.url);
    await n.sell();
    await n.notifications.remove(t.principal, id);
    const heard = await receiver();
    await n.endpoint(heard.url);
    await n.sell();
    await n.until(() => heard.got.length, SALE.length);
    expect(shop.got).toEqual([]);
    expect((await n.notifications.remove(t.principal, id)).status).toBe(404);
    const { rowCount } = await t.platform.deps.pool.query(
      `select 1 from webhook_endpoints where deleted_at is not null and octet_length(secret) > 0`,
    );
    expect(rowCount).toBe(0);
    await heard.close();
  });
});
