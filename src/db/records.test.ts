import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { RecordWriter } from './records.ts';

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

let made = 0;
const UUID = '01890a5d-ac96-774b-bcce-b302099a8057';

type Write = (list: RecordWriter, value: never) => void;

const CASES: [type: string, write: Write, values: unknown[], wanted: (string | null)[]][] = [
  ['int2', (l, v) => l.int2(v), [200, -1, null], ['200', '-1', null]],
  ['int4', (l, v) => l.int4(v), [1, -2_147_483_648, 2_147_483_647, null], []],
  [
    'int8',
    (l, v) => l.int8(v),
    [0, 1, -1, 2 ** 32, -(2 ** 32) - 5, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, undefined],
    [],
  ],
  [
    'text',
    (l, v) => l.text(v),
    ['', 'a "quoted" \\ {brace}, NULL', 'Zoë 💶 ﷽', 'é'.repeat(50), undefined],
    [],
  ],
  ['json', (l, v) => l.json(v), ['{"b":1,  "a":[2]}', 'null', null], []],
  ['uuid', (l, v) => l.uuid(v), [UUID], []],
  [
    'uuid',
    (l, v) => l.id(v),
    ['pay_01h455vb4pex5vsknk084sn02q', null],
    ['01890a5d-ac96-774b-bcce-b302099a8057', null],
  ],
  ['bytea', (l, v) => l.bytea(v), [Buffer.from([0, 255]), Buffer.alloc(0), null], ['\\x00ff', '\\x', null]],
  [
    'timestamptz',
    (l, v) => l.time(v),
    ['2026-11-22T18:41:11.603Z', '1999-12-31T23:59:59.999Z', null, '2026-11-22T18:41:11.603Z'],
    ['2026-11-22 18:41:11.603+00', '1999-12-31 23:59:59.999+00', null, '2026-11-22 18:41:11.603+00'],
  ],
  [
    'text[]',
    (l, v) => l.textArray(v),
    [['plain', 'a "b" \\ {c}, NULL', ''], []],
    ['{plain,"a \\"b\\" \\\\ {c}, NULL",""}', '{}'],
  ],
  ['int8[]', (l, v) => l.int8Array(v), [[5, -5], []], ['{5,-5}', '{}']],
  ['text', (l, v) => l.text(v), [], []],
];

/** The object id of a type made for the purpose. */
async function makeType(name: string, type: string): Promise<number> {
  await client.query(`create type "${name}" as (n int4, v ${type}, last text)`);
  return Number((await client.query(`select '"${name}"'::regtype::oid::int8 as oid`)).rows[0].oid);
}

test.each(CASES)(
  'PostgreSQL reads records with a column of %s as they were meant',
  async (type, write, values, wanted) => {
    made += 1;
    const name = `row_${made}`;
    const oid = await makeType(name, type);
    const list = new RecordWriter(0);
    values.forEach((value, n) => {
      write(list.row(n), value as never);
      list.text('end');
    });
    const { rows } = await client.query(`select n, v::text as v, last from unnest($1::"${name}"[])`, [
      list.end(oid),
    ]);
    const expected =
      wanted.length > 0 ? wanted : values.map((v) => (v === undefined || v === null ? null : String(v)));
    expect(rows).toEqual(expected.map((v, n) => ({ n, v, last: 'end' })));
  },
);

test('a record that is larger than all before it arrives whole', async () => {
  const oid = await makeType('large', 'text');
  const v = 'é'.repeat(300_000);
  const list = new RecordWriter(16);
  for (const value of ['small', v]) {
    list.row(0).text(value);
    list.text('x');
  }
  const { rows } = await client.query('select v, last from unnest($1::large[])', [list.end(oid)]);
  expect(rows).toEqual([
    { v: 'small', last: 'x' },
    { v, last: 'x' },
  ]);
});

test('an integer that a double cannot hold exactly is a bug, and said so', () => {
  expect(() => new RecordWriter(0).row(0).int8(2 ** 53)).toThrow('no integer beyond 2^53');
});
