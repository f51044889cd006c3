import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { streamProblems } from '../../../test/support/event-schemas.ts';
import { untilPast } from '../../../test/support/past.ts';
import { DETAILS, request, sale, type TestPlatform, testPlatform } from '../../../test/support/platform.ts';
import { toUuid } from '../../core/ids.ts';
import { PUBLISHED_VERSIONS, publishedType } from '../../core/payment/published.ts';
import { query } from '../../db/pool.ts';
import { CLAIM_EVENTS, type ConsumedRow } from '../../db/statements/consumers.ts';
import { PUBLIC_TYPE } from '../../db/statements/notifications.ts';
import { type Consumer, type ConsumerDeps, consumeOnce, observeOnce, register } from '../../flow/consumer.ts';
import { LIMITS } from '../../ops/limits.ts';
import { consumerOf } from './run.ts';
import type { EventSink, StreamEvent } from './sink.ts';

const SALE = [
  'truepenny.payment.created.v1',
  'truepenny.payment.attempt_started.v1',
  'truepenny.payment.authorization_approved.v1',
  'truepenny.capture.succeeded.v1',
];
const SECRETS = { name: 'Ada Lovelace', note: 'for the cellar', address: '1 Private Road' };

let t: TestPlatform;
let got: StreamEvent[];
let refusing: Error | null;
let deps: ConsumerDeps & { aheadMs: number };
let consumer: Consumer;
const sink: EventSink = {
  name: 'collector',
  publish: async (events) => {
    if (refusing) throw refusing;
    got.push(...events);
  },
  close: async () => undefined,
};

beforeAll(async () => {
  t = await testPlatform();
});
afterAll(() => t.close());
beforeEach(async () => {
  got = [];
  refusing = null;
  const { world, pool, log } = t.platform.deps;
  // The clock stands still unless it is moved.
  const began = world.now();
  const moving = { aheadMs: 0, pool, log };
  deps = Object.assign(moving, { world: { ...world, now: () => began + moving.aheadMs } });
  consumer = consumerOf(t.platform.deps, sink);
  // Each test begins where the last one ended, or with the first event.
  await pool.query('delete from event_consumers where name = $1', [sink.name]);
  await register(deps, consumer);
  await upTo(0);
  got = [];
});

async function sell(more: object = {}): Promise<string> {
  const key = `sale ${t.platform.deps.world.randomBytes(8).join()}`;
  const { status, body } = await t.platform.payments.create(request(t, key, sale('tok_approve', more)));
  expect(status).toBe(200);
  return (body as { id: string }).id;
}

/** Consumes until all that is there has arrived: transactions elsewhere can hold events back a moment. */
async function upTo(expected: number): Promise<void> {
  const open = async () => {
    while ((await consumeOnce(deps, consumer)) > 0);
    const { rows } = await t.platform.deps.pool.query(
      `select count(*)::int as open from events e join event_consumers c on c.name = $1
       where (e.xid, e.position) > (c.xid, c.position)`,
      [sink.name],
    );
    return rows[0].open;
  };
  await expect.poll(open, { timeout: 20_000, interval: 20 }).toBe(0);
  expect(got.length).toBeGreaterThanOrEqual(expected);
}

describe('what is told', () => {
  test('each event of a payment, in order, as a CloudEvent that its published schema describes', async () => {
    const payment = await sell();
    await upTo(4);
    expect(got.map(({ type }) => type)).toEqual(SALE);
    expect(got.map(({ sequence }) => Number(sequence))).toEqual([1, 2, 3, 4]);
    expect(got.flatMap(streamProblems)).toEqual([]);
    const page = { limit: 100, after: 0 };
    const { body } = await t.platform.payments.events(t.principal, payment, page);
    const { data } = body as { data: { id: string; recorded_at: string; correlation: string }[] };
    expect(got.map(({ id, time }) => ({ id, time }))).toEqual(
      data.map(({ id, recorded_at }) => ({ id, time: recorded_at })),
    );
    for (const [index, event] of got.entries()) {
      expect(event).toMatchObject({ subject: payment, partitionkey: payment, mode: 'test' });
      expect(event.merchantid).toBe(t.principal.merchant);
      expect(event.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      expect(event.traceparent).toContain(data[index]?.correlation);
    }
  });

  test('nothing of what can be erased, no token, no call to the provider, no address of a challenge', async () => {
    const { name, note, address } = SECRETS;
    const customer = {
      id: null,
      name,
      email: 'ada@example.com',
      phone: null,
      billing_address: { line1: address },
    };
    await sell({ details: { ...DETAILS, description: note, metadata: { note }, customer } });
    const key = `challenge ${t.platform.deps.world.randomBytes(8).join()}`;
    const { status } = await t.platform.payments.create(request(t, key, sale('tok_3ds')));
    expect(status).toBe(200);
    await upTo(7);
    const text = JSON.stringify(got);
    expect(got.map(({ type }) => type)).toContain('truepenny.payment.action_required.v1');
    for (const secret of [name, note, address, 'ada@', 'tok_', '"call"', '"token"', '"url"', t.simulatorUrl])
      expect(text).not.toContain(secret);
    expect(got.flatMap(streamProblems)).toEqual([]);
  });

  test('the names of events are those that merchants filter by', async () => {
    const types = Object.keys(PUBLISHED_VERSIONS);
    const { rows } = await t.platform.deps.pool.query(
      `select e.type, ${PUBLIC_TYPE} as public from unnest($1::text[]) as e (type)`,
      [types],
    );
    expect(rows).toEqual(types.map((type) => ({ type, public: publishedType(type) })));
  });
});

describe('at least once, in order', () => {
  test('what the receiver refused comes again, after a while that grows, and nothing overtakes it', async () => {
    await sell();
    refusing = new Error('the receiver is away');
    await expect.poll(() => tries(), { timeout: 20_000 }).toBe(1);
    const first = await sell();
    refusing = null;
    expect(await consumeOnce(deps, consumer)).toBe(0);
    for (const wait of LIMITS.consumers.backoffMs.slice(0, 3)) {
      refusing = new Error('the receiver is away');
      deps.aheadMs += wait - 50;
      expect(await consumeOnce(deps, consumer)).toBe(0);
      const before = await failures();
      deps.aheadMs += 100;
      expect(await tries()).toBe(before + 1);
    }
    refusing = null;
    deps.aheadMs += 60_000;
    await upTo(8);
    expect(got.map(({ type }) => type)).toEqual([...SALE, ...SALE]);
    expect(got.at(-1)?.subject).toBe(first);
    expect(await failures()).toBe(0);
  });

  test('a worker that dies over a batch is followed by another, with the same events', async () => {
    await sell();
    await untilPast(deps.pool);
    const dying: Consumer = { ...consumer, handOn: () => new Promise(() => undefined) };
    const lost = consumeOnce(deps, dying);
    await expect.poll(() => leased(), { timeout: 20_000 }).toBe(true);
    expect(await consumeOnce(deps, consumer)).toBe(0);
    deps.aheadMs += LIMITS.consumers.leaseMs + 1;
    await upTo(4);
    expect(got.map(({ type }) => type)).toEqual(SALE);
    void lost;
  });

  test('a worker that was slower than its lease moves nothing: the place is the follower’s', async () => {
    await sell();
    await untilPast(deps.pool);
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const slow = consumeOnce(deps, { ...consumer, handOn: () => held });
    await expect.poll(() => leased(), { timeout: 20_000 }).toBe(true);
    deps.aheadMs += LIMITS.consumers.leaseMs + 1;
    await upTo(4);
    const place = await placeOf();
    letGo();
    expect(await slow).toBe(0);
    expect(await placeOf()).toEqual(place);
  });

  test('several workers at once send each event once', async () => {
    for (let n = 0; n < 10; n++) await sell();
    const workers = Array.from({ length: 4 }, () => upTo(0));
    await Promise.all(workers);
    expect(got).toHaveLength(10 * SALE.length);
    expect(new Set(got.map(({ id }) => id)).size).toBe(10 * SALE.length);
  });

  test('an event that is committed late is not passed by', async () => {
    const before = await sell();
    const late = await t.platform.deps.pool.connect();
    try {
      await late.query('begin');
      await late.query('select pg_current_xact_id()');
      await sell();
      const subjects = async () => {
        await consumeOnce(deps, consumer);
        return got.map(({ subject }) => subject);
      };
      await expect.poll(subjects).toEqual(SALE.map(() => before));
      await late.query(
        `insert into events (payment_id, version, id, merchant_id, type, data, recorded_at, correlation, hash)
         select payment_id, 99, gen_random_uuid(), merchant_id, 'payment_voided', '{}', recorded_at, correlation, hash
         from events where payment_id = $1 and version = 1`,
        [toUuid(before)],
      );
      await late.query('commit');
      await upTo(9);
      expect(got.map(({ type }) => type)).toEqual([...SALE, 'truepenny.payment.voided.v1', ...SALE]);
    } finally {
      late.release();
    }
  });

  test('an event that this release does not know waits for a newer worker, and is not told by halves', async () => {
    const payment = await sell();
    const rename = (from: string, to: string) =>
      t.platform.deps.pool.query('update events set type = $2 where payment_id = $1 and type = $3', [
        toUuid(payment),
        to,
        from,
      ]);
    await rename('capture_succeeded', 'capture_imagined');
    await expect.poll(() => tries(), { timeout: 20_000 }).toBe(1);
    expect(got).toEqual([]);
    await rename('capture_imagined', 'capture_succeeded');
    deps.aheadMs += 60_000;
    await upTo(4);
    expect(got.map(({ type }) => type)).toEqual(SALE);
  });

  test('a batch is bounded in bytes, and has one event at least', async () => {
    await sell();
    const { pool, world } = t.platform.deps;
    await untilPast(pool);
    const claim = async (bytes: number, aheadMs: number) => {
      const now = world.now() + aheadMs;
      const times = [new Date(now).toISOString(), new Date(now + 1_000).toISOString()];
      return query<ConsumedRow>(pool, CLAIM_EVENTS, [consumer.name, 500, ...times, bytes]);
    };
    expect(await claim(1, 0)).toHaveLength(1);
    const [first, second] = await claim(100_000, 2_000);
    expect(await claim((first?.data.length ?? 0) + 1, 4_000)).toHaveLength(2);
    expect(await claim((first?.data.length ?? 0) + (second?.data.length ?? 0), 6_000)).toHaveLength(2);
  });

  test('a database that was restored elsewhere is followed from its present on', async () => {
    await sell();
    await untilPast(deps.pool);
    await t.platform.deps.pool.query(
      `update event_consumers set system_identifier = 1, xid = '900000000', position = 0 where name = $1`,
      [sink.name],
    );
    await register(deps, consumer);
    const payment = await sell();
    await upTo(4);
    expect(new Set(got.map(({ subject }) => subject))).toEqual(new Set([payment]));
  });

  test('how far behind it is, and how often in a row it failed, can be seen', async () => {
    await sell();
    refusing = new Error('the receiver is away');
    await expect.poll(() => tries(), { timeout: 20_000 }).toBe(1);
    const { metrics, pool, world } = t.platform.deps;
    await observeOnce({ metrics, pool, world: { ...world, now: () => world.now() + 90_000 } }, [sink.name]);
    const text = await metrics.registry.metrics();
    expect(text).toMatch(/truepenny_event_consumer_lag_seconds\{consumer="collector"\} 9\d\./);
    expect(text).toContain('truepenny_event_consumer_failures{consumer="collector"} 1');
  });
});

type Place = { xid: string; position: number; tries: number; leased_until: string | null };

async function row(): Promise<Place> {
  const { rows } = await t.platform.deps.pool.query('select * from event_consumers where name = $1', [
    sink.name,
  ]);
  return rows[0];
}

const placeOf = async () => {
  const { xid, position } = await row();
  return { xid, position };
};
const leased = async () => (await row()).leased_until !== null;
const failures = async () => (await row()).tries;

/** Tries once; gives how often in a row that has failed. */
async function tries(): Promise<number> {
  await consumeOnce(deps, consumer);
  return failures();
}
