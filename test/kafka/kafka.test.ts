import { afterAll, beforeAll, expect, test } from 'vitest';
import { kafkaSink } from '../../src/features/stream/kafka.ts';
import type { EventSink, StreamEvent } from '../../src/features/stream/sink.ts';
import { readConfig } from '../../src/ops/config.ts';
import { LIMITS } from '../../src/ops/limits.ts';
import { realWorld } from '../../src/ops/world.ts';
import { streamProblems } from '../support/event-schemas.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.ts';
import { inProcessProvider } from '../support/in-process-provider.ts';
import { request, sale, type TestPlatform, testPlatform } from '../support/platform.ts';
import { type Managed, managed } from '../support/processes.ts';
import { type Broker, kafkaBroker } from './broker.ts';
import { createTopic, readTopic, type TopicRecord } from './topic.ts';

const EVENTS = 50_000;
const EVENTS_OF_A_SALE = 4;
const AT_ONCE = 64;
const PARTITIONS = 6;
const TOPIC = 'truepenny.events';
const WAIT = { timeout: 120_000, interval: 100 };

let folder: TemporaryFolder;
let broker: Broker;
let t: TestPlatform;
let workers: Managed[];

beforeAll(async () => {
  folder = await temporaryFolder('kafka');
  broker = await kafkaBroker(folder.path);
  await broker.start();
  await createTopic(broker.address, TOPIC, PARTITIONS);
  t = await testPlatform({ connector: inProcessProvider({ world: realWorld() }) });
  workers = ['worker-1', 'worker-2'].map(workerOf);
});
afterAll(async () => {
  await Promise.all((workers ?? []).map((worker) => worker.end('SIGKILL')));
  await broker?.kill();
  await t?.close();
  await folder?.remove();
});

function workerOf(name: string): Managed {
  return managed({
    name,
    command: 'worker',
    env: {
      DATABASE_URL: t.databaseUrl,
      TRUEPENNY_DATA_DIR: t.dataDir,
      TRUEPENNY_SIMULATOR_URL: t.simulatorUrl,
      TRUEPENNY_ALLOW_UNSAFE_DATABASE: '1',
      TRUEPENNY_KAFKA_BROKERS: broker.address,
      TRUEPENNY_KAFKA_TOPIC: TOPIC,
    },
    logFile: `${folder.path}/${name}.log`,
    readyUrl: null,
  });
}

/** Payments go on all the while, whatever happens to the broker and the workers. */
async function sellAll(): Promise<void> {
  let left = EVENTS / EVENTS_OF_A_SALE;
  const seller = async () => {
    while (left > 0) {
      const key = `sale ${left--}`;
      const { status } = await t.platform.payments.create(request(t, key, sale('tok_approve')));
      if (status !== 200) throw new Error(`${key} was answered with ${status}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, seller));
}

async function one<Row>(text: string, values: unknown[] = []): Promise<Row> {
  const { rows } = await t.platform.deps.pool.query(text, values);
  return rows[0];
}

const handedOn = (consumer: string) =>
  one<{ count: number }>(
    `select count(*)::int as count from events e join event_consumers c on c.name = $1
     where (e.xid, e.position) <= (c.xid, c.position)`,
    [consumer],
  ).then(({ count }) => count);

const failures = () =>
  one<{ tries: number }>(`select tries from event_consumers where name = 'kafka'`).then(({ tries }) => tries);

const until = (is: () => Promise<number>, atLeast: number) =>
  expect.poll(is, WAIT).toBeGreaterThanOrEqual(atLeast);

/** A worker has just taken events, and has not heard yet whether they arrived. */
const holdsBatch = () =>
  expect
    .poll(
      () =>
        one<{ held: boolean }>(
          `select leased_until is not null as held from event_consumers where name = 'kafka'`,
        ),
      {
        ...WAIT,
        interval: 1,
      },
    )
    .toEqual({ held: true });

test('broker and workers killed in the middle of 50,000 events: every event is in the topic, in order per payment', async () => {
  await Promise.all(workers.map((worker) => worker.start()));
  const selling = sellAll();

  await until(() => handedOn('kafka'), EVENTS / 5);
  await broker.kill();
  await until(failures, 2);
  const without = await handedOn('kafka');
  expect(without).toBeLessThan(EVENTS);
  // Others go on: payments are taken, and merchants are told.
  await until(() => handedOn('merchant_webhooks'), without + EVENTS / 5);
  expect(await handedOn('kafka')).toBe(without);

  await broker.start();
  await until(() => handedOn('kafka'), without + EVENTS / 5);
  await holdsBatch();
  await Promise.all(workers.map((worker) => worker.end('SIGKILL')));
  await Promise.all(workers.map((worker) => worker.start()));
  await selling;
  await until(() => handedOn('kafka'), EVENTS);

  const records = await readTopic(broker.address, TOPIC);
  const { rows } = await t.platform.deps.pool.query('select count(*)::int as count from events');
  expect(rows[0].count).toBe(EVENTS);
  const told = expectAllInOrder(records);
  expect(told).toBe(EVENTS);
  console.log(`${EVENTS} events, ${records.length - told} records more than once`);
});

/** Gives the number of different events. */
function expectAllInOrder(records: TopicRecord[]): number {
  const known = new Map<string, string>();
  const payments = new Map<string, { partition: number; types: string[] }>();
  for (const { partition, key, value, contentType } of records) {
    const event: StreamEvent = JSON.parse(value);
    const before = known.get(event.id);
    // A repetition is the same, byte for byte, and changes nothing for who skips known ids.
    if (before !== undefined) {
      if (before !== value) throw new Error(`${event.id} came again with other content`);
      continue;
    }
    known.set(event.id, value);
    const payment = payments.get(key) ?? { partition, types: [] };
    payments.set(key, payment);
    payment.types.push(event.type);
    const problems = streamProblems(event);
    if (event.subject !== key) problems.push(`the key is ${key}`);
    if (payment.partition !== partition) problems.push('its payment is in two partitions');
    if (Number(event.sequence) !== payment.types.length) problems.push(`it is number ${event.sequence}`);
    if (contentType !== 'application/cloudevents+json; charset=UTF-8') problems.push(contentType);
    if (problems.length > 0) throw new Error(`${event.id}: ${problems.join('; ')}`);
  }
  for (const [payment, { types }] of payments)
    if (types.length !== EVENTS_OF_A_SALE) throw new Error(`${payment} has only ${types.join(', ')}`);
  expect(new Set([...payments.values()].map(({ partition }) => partition)).size).toBe(PARTITIONS);
  return known.size;
}

function sinkOf(env: Record<string, string>): EventSink {
  const { kafka } = readConfig(env);
  if (kafka === null) throw new Error('nothing is configured');
  return kafkaSink(kafka, realWorld());
}

async function anEvent(): Promise<StreamEvent> {
  const [record] = await readTopic(broker.address, TOPIC);
  return JSON.parse(record?.value ?? '');
}

test('with TLS and a password it arrives; with a wrong one the failure says so, and does not tell the password', async () => {
  await createTopic(broker.address, 'secured', 1);
  const event = await anEvent();
  const publish = async (password: string) => {
    const sink = sinkOf({
      TRUEPENNY_KAFKA_BROKERS: broker.secureAddress,
      TRUEPENNY_KAFKA_TOPIC: 'secured',
      TRUEPENNY_KAFKA_CA_FILE: broker.caFile,
      TRUEPENNY_KAFKA_SASL: 'SCRAM-SHA-512',
      TRUEPENNY_KAFKA_USERNAME: broker.user.username,
      TRUEPENNY_KAFKA_PASSWORD: password,
    });
    await sink.publish([event]).finally(() => sink.close());
  };
  await publish(broker.user.password);
  const refused = await publish('wrong horse').catch((error: Error) => error);
  expect(refused).toMatchObject({ message: expect.stringMatching(/auth|sasl/i) });
  expect(JSON.stringify([refused, String(refused), (refused as Error).stack])).not.toContain('wrong horse');
  const [record, ...more] = await readTopic(broker.address, 'secured');
  expect(record?.value).toBe(JSON.stringify(event));
  expect(more).toEqual([]);
});

test('a topic that is not there is a failure that names itself, and no event is lost over it', async () => {
  const event = await anEvent();
  const sink = sinkOf({ TRUEPENNY_KAFKA_BROKERS: broker.address, TRUEPENNY_KAFKA_TOPIC: 'not-yet' });
  await expect(sink.publish([event])).rejects.toThrow(/topic/i);
  await createTopic(broker.address, 'not-yet', 1);
  await sink.publish([event]);
  await sink.close();
  expect(await readTopic(broker.address, 'not-yet')).toHaveLength(1);
});

test('a broker that hangs is given up in time, and what was sent arrives once it goes on', async () => {
  await createTopic(broker.address, 'frozen', 1);
  const event = await anEvent();
  const sink = sinkOf({ TRUEPENNY_KAFKA_BROKERS: broker.address, TRUEPENNY_KAFKA_TOPIC: 'frozen' });
  await sink.publish([event]);
  const beganAt = performance.now();
  broker.freeze();
  try {
    await expect(sink.publish([event])).rejects.toThrow();
    expect(performance.now() - beganAt).toBeLessThan(LIMITS.consumers.leaseMs - 1_000);
  } finally {
    broker.thaw();
  }
  await sink.publish([event]);
  await sink.close();
  const values = (await readTopic(broker.address, 'frozen')).map(({ value }) => value);
  expect(values.length).toBeGreaterThanOrEqual(2);
  expect(new Set(values)).toEqual(new Set([JSON.stringify(event)]));
});
