import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { arrayText, binaryArray, type ElementType } from './arrays.ts';

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await testDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const UUID = '01890a5d-ac96-774b-bcce-b302099a8057';

const CASES: [ElementType, unknown[], (string | null)[]][] = [
  ['bool', [true, false, null], ['true', 'false', null]],
  ['int2', [200, -1], ['200', '-1']],
  ['int4', [1, -2_147_483_648, null], ['1', '-2147483648', null]],
  ['int8', [0, 1, -1, 2 ** 32, -(2 ** 32) - 5, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER], []],
  ['text', ['', 'a "quoted" \\ {brace}, NULL', 'Zoë 💶 ﷽', undefined], []],
  ['json', ['{"b":1,  "a":[2]}', 'null'], []],
  ['uuid', [UUID, null], [UUID, null]],
  ['bytea', [Buffer.from([0, 255]), Buffer.alloc(0), null], ['\\x00ff', '\\x', null]],
  [
    'timestamptz',
    ['2026-11-22T18:41:11.603Z', '1999-12-31T23:59:59.999Z'],
    ['2026-11-22 18:41:11.603+00', '1999-12-31 23:59:59.999+00'],
  ],
  ['text', [], []],
];

test.each(CASES)('PostgreSQL reads an array of %s as it was meant: %j', async (type, values, wanted) => {
  await client.query(`set timezone = 'UTC'`);
  const { rows } = await client.query(`select v::text as v from unnest($1::${type}[]) v`, [
    binaryArray(type, values),
  ]);
  const expected = wanted.length > 0 ? wanted : values.map((v) => (v === undefined ? null : String(v)));
  expect(rows.map((row) => row.v)).toEqual(expected);
});

test('an integer that a double cannot hold exactly is a bug, and said so', () => {
  expect(() => binaryArray('int8', [2 ** 53])).toThrow('not a safe integer');
});

test('an array as text keeps quotes, backslashes and braces', async () => {
  const texts = ['plain', 'a "b" \\ {c}, NULL', ''];
  const { rows } = await client.query('select $1::text[] as texts, $2::bigint[]::text as numbers', [
    arrayText(texts),
    arrayText([5, -5]),
  ]);
  expect(rows[0]).toEqual({ texts, numbers: '{5,-5}' });
});
