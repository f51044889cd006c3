import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mintId, mintUuid, toUuid } from '../../src/core/ids.ts';
import type { Lists } from '../../src/db/commit-rows.ts';
import { createCommitPool, type Pool, query, runStatement } from '../../src/db/pool.ts';
import { RecordWriter } from '../../src/db/records.ts';
import { COMMIT, commitMessage, TYPE_IDS, type TypeIds } from '../../src/db/statements/commit.ts';
import { emptyLists } from '../../src/flow/records.ts';
import { realWorld } from '../../src/ops/world.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: Pool;
let types: TypeIds;
beforeAll(async () => {
  database = await testDatabase();
  pool = createCommitPool(database.url, 'test');
  [types] = (await query<TypeIds>(pool, TYPE_IDS)) as [TypeIds];
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const world = realWorld();
const merchant = mintId('merchant', world.now(), world.randomBytes(10));
const AT = '2026-11-22T18:41:11.603Z';
const newPayment = () => mintId('payment', world.now(), world.randomBytes(10));

function event(payment: string, version: number): Lists['happened'][number] {
  return {
    payment,
    version,
    id: mintUuid(world.now(), world.randomBytes(10)),
    merchant,
    type: 'payment_created',
    data: '{}',
    provider_at: null,
    received_at: null,
    recorded_at: AT,
    correlation: 'c',
    commitment: null,
    hash: Buffer.alloc(32),
  };
}

function snapshot(payment: string, version: number) {
  const none = { capturePending: 0, refunded: 0, refundPending: 0, reversed: 0, disputed: 0 };
  const sums = { authorized: 0, captured: 0, capturedBeyond: 0, refundedBeyond: 0, ...none };
  return {
    payment,
    version,
    status: 'requires_payment_method',
    ...sums,
    state: '{}',
    head: Buffer.alloc(32),
    at: AT,
  };
}

/** A new payment under a key. */
function creation(payment: string, key: string): Lists {
  return {
    ...emptyLists(),
    created: [
      { ...snapshot(payment, 1), merchant, mode: 'test', reference: null, currency: 'EUR', amount: 100 },
    ],
    reserved: [
      {
        merchant,
        mode: 'test',
        key,
        fingerprint: 'f',
        payment,
        ids: '{}',
        answerStatus: null,
        answer: null,
        at: AT,
      },
    ],
    happened: [event(payment, 1)],
    timed: [{ subject: payment, kind: 'unpaid', merchant, payment, dueAt: AT, at: AT }],
  };
}

/** The next event of a payment. */
function change(payment: string, expected: number): Lists {
  return {
    ...emptyLists(),
    changed: [{ ...snapshot(payment, expected + 1), expected }],
    happened: [event(payment, expected + 1)],
    untimed: [{ subject: payment, kind: 'unpaid' }],
  };
}

async function commit(...group: Lists[]): Promise<number[]> {
  const message = commitMessage(new RecordWriter(0), group, types);
  return (await runStatement<{ n: number }>(pool, COMMIT, { message })).rows.map(({ n }) => n);
}

async function eventsOf(payment: string): Promise<number[]> {
  const { rows } = await pool.query('select version from events where payment_id = $1 order by version', [
    toUuid(payment),
  ]);
  return rows.map(({ version }) => version);
}

async function made(key: string): Promise<string> {
  const payment = newPayment();
  expect(await commit(creation(payment, key))).toEqual([]);
  return payment;
}

test('of a group, what met another writer leaves nothing, and all else is written whole', async () => {
  const [moved, current, late, fresh] = [
    await made('moved'),
    await made('current'),
    newPayment(),
    newPayment(),
  ];
  expect(await commit(change(moved, 1))).toEqual([]);
  const lost = await commit(
    change(moved, 1),
    creation(late, 'moved'),
    change(current, 1),
    creation(fresh, 'fresh'),
  );
  expect(lost).toEqual([0, 1]);
  expect(await Promise.all([moved, late, current, fresh].map(eventsOf))).toEqual([[1, 2], [], [1, 2], [1]]);
  const { rows } = await pool.query('select payment_id, key from idempotency_keys order by key');
  expect(rows.map(({ payment_id, key }) => [key, payment_id])).toEqual(
    Object.entries({ current, fresh, moved }).map(([key, id]) => [key, toUuid(id)]),
  );
});

test('an item that is sent again after it was committed is told so, and nothing is written twice', async () => {
  const payment = newPayment();
  const item = creation(payment, 'again');
  expect(await commit(item)).toEqual([]);
  expect(await commit(item)).toEqual([0]);
  expect(await eventsOf(payment)).toEqual([1]);
});

test('a payment that somebody else holds fails its own item only, without waiting', async () => {
  const [held, free] = [await made('held'), await made('free')];
  const other = await holding(held);
  try {
    expect(await commit(change(held, 1), change(free, 1))).toEqual([0]);
  } finally {
    await other.query('rollback');
    other.release();
  }
  expect(await commit(change(held, 1))).toEqual([]);
});

async function holding(payment: string): Promise<pg.PoolClient> {
  const client = await pool.connect();
  await client.query('begin');
  await client.query('select from payments where id = $1 for update', [toUuid(payment)]);
  return client;
}

test('its plans look rows up by index, though they were made while the tables were empty', async () => {
  // What the function runs is planned as it is on this connection: the same join, told by the planner.
  const { rows } = await pool.query(`explain (generic_plan) select from unnest($1::commit_changed[]) c
    join payments p on p.id = c.id where p.version = c.expected for no key update of p skip locked`);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('Index Scan using payments_pkey');
  expect(plan).toContain('Index Cond: (id = c.id)');
});
