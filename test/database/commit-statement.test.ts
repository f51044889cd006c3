import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LIST_NAMES, LISTS, type List } from '../../src/db/commit-lists.ts';
import type { ListName, Lists } from '../../src/db/commit-rows.ts';
import { RecordWriter } from '../../src/db/records.ts';
import { TYPE_IDS } from '../../src/db/statements/commit.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await testDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`set timezone = 'UTC'`);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const PAYMENT = 'pay_01h455vb4pex5vsknk084sn02q';
const MERCHANT = 'mer_01h455vb4pex5vsknk084sn02r';
const OTHER = 'cap_01h455vb4pex5vsknk084sn02s';
const EVENT = '01890a5d-ac96-774b-bcce-b302099a8057';
const AT = '2026-11-22T18:41:11.603Z';
const bytes = (value: number) => Buffer.alloc(2, value);

const snapshot = {
  payment: PAYMENT,
  version: 3,
  status: 'captured',
  authorized: 1,
  captured: 2,
  capturePending: 3,
  refunded: 4,
  refundPending: 5,
  reversed: 6,
  disputed: 7,
  capturedBeyond: 8,
  refundedBeyond: 9,
  state: '{}',
  head: bytes(1),
  at: AT,
};
const key = { merchant: MERCHANT, mode: 'test', key: 'k', at: AT };

/** One row of each, no two values of a row alike where their columns could be mistaken for each other. */
const ROWS: { [Name in ListName]: Lists[Name][number] } = {
  created: { ...snapshot, merchant: MERCHANT, mode: 'test', reference: 'r', currency: 'EUR', amount: 10 },
  changed: { ...snapshot, expected: 2 },
  reserved: {
    ...key,
    fingerprint: 'f',
    payment: PAYMENT,
    ids: '{"i":1}',
    answerStatus: 200,
    answer: '{"a":1}',
  },
  answered: { ...key, answerStatus: 202, answer: '{"a":1}' },
  happened: {
    payment: PAYMENT,
    version: 3,
    id: EVENT,
    merchant: MERCHANT,
    type: 'payment_created',
    data: '{"d":1}',
    provider_at: '2026-11-22T18:41:11.601Z',
    received_at: '2026-11-22T18:41:11.602Z',
    recorded_at: AT,
    correlation: 'c',
    commitment: bytes(2),
    hash: bytes(3),
  },
  keptApart: { payment: PAYMENT, version: 3, merchant: MERCHANT, salt: bytes(4), data: '{"d":1}' },
  posted: {
    payment: PAYMENT,
    event: EVENT,
    currency: 'EUR',
    merchant: MERCHANT,
    mode: 'test',
    rule: 'r',
    ruleVersion: 1,
    accounts: ['a', 'b'],
    amounts: [5, -5],
    at: AT,
  },
  timed: {
    subject: OTHER,
    kind: 'unpaid',
    merchant: MERCHANT,
    payment: PAYMENT,
    dueAt: '2026-11-22T18:41:12.000Z',
    at: AT,
  },
  untimed: { subject: OTHER, kind: 'unpaid' },
  named: { id: OTHER, merchant: MERCHANT, payment: PAYMENT, kind: 'capture' },
  referenced: {
    provider: 'p',
    account: 'a',
    reference: 'r',
    merchant: MERCHANT,
    payment: PAYMENT,
    subject: OTHER,
  },
  raised: {
    id: OTHER,
    merchant: MERCHANT,
    payment: PAYMENT,
    type: 't',
    status: 'open',
    subject: 's',
    expected: 1,
    actual: 2,
    at: AT,
  },
  withdrawn: { id: OTHER },
};

async function readBack(name: ListName): Promise<Record<string, unknown>> {
  const { rows: ids } = await client.query(TYPE_IDS.text);
  const list = new RecordWriter(0);
  (LISTS[name] as List<unknown>).write(list.row(7), ROWS[name]);
  const { rows } = await client.query(
    `select row_to_json(r) as row from unnest($1::${LISTS[name].type}[]) r`,
    [list.end(Number(ids[0][name]))],
  );
  return rows[0].row;
}

test.each(LIST_NAMES)('PostgreSQL reads a record of %s as it was meant', async (name) => {
  expect(await readBack(name)).toMatchSnapshot();
});

test('nothing is written before the gates: one locks without waiting, and one writes', () => {
  const file = new URL('../../src/db/migrations/0008_commit_function.sql', import.meta.url);
  const [, body = ''] = readFileSync(file, 'utf8').split('as $$');
  const [gates = '', rest = ''] = body.split('if cardinality(answered)');
  expect(gates.match(/\bfor (no key )?update\b/g)).toEqual(
    gates.match(/for no key update of p skip locked/g)?.map(() => 'for no key update'),
  );
  expect(gates.match(WRITES)).toEqual(['insert into idempotency_keys']);
  expect(rest.match(WRITES)).toHaveLength(12);
  // Each of them passes over what met another writer.
  expect(rest.match(/n <> all \(lost\)/g)).toHaveLength(12);
});

/** Not `for update` nor `on conflict do update`. */
const WRITES = /\binsert into \w+|\bupdate (?!of|set)\w+|\bdelete from \w+/g;
