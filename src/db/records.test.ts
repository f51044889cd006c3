import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { type ColumnType, recordArray, recordEncoder } from './records.ts';

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

const CASES: [ColumnType, unknown[], (string | null)[]][] = [
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
  ['text[]', [['plain', 'a "b" \\ {c}, NULL', ''], []], ['{plain,"a \\"b\\" \\\\ {c}, NULL",""}', '{}']],
  ['int8[]', [[5, -5], null], ['{5,-5}', null]],
  ['text', [], []],
];

/** The object id of a type made for the purpose. */
async function makeType(name: string, type: string): Promise<number> {
  await client.query(`create type "${name}" as (n int4, v ${type}, last text)`);
  return (await client.query(`select '"${name}"'::regtype::oid::int8 as oid`)).rows[0].oid;
}

test.each(CASES)(
  'PostgreSQL reads records with a column of %s as they were meant: %j',
  async (type, values, wanted) => {
    made += 1;
    const name = `row_${made}`;
    const oid = await makeType(name, type);
    const encode = recordEncoder({ n: 'int4', v: type, last: 'text' });
    const records = values.map((v) => encode({ v, last: 'end' }));
    const { rows } = await client.query(`select n, v::text as v, last from unnest($1::"${name}"[])`, [
      recordArray(Number(oid), [records]),
    ]);
    const expected = wanted.length > 0 ? wanted : values.map((v) => (v === undefined ? null : String(v)));
    expect(rows).toEqual(expected.map((v) => ({ n: 0, v, last: 'end' })));
  },
);

test('a record is told the place of its list, anew for each group that it comes into', async () => {
  const oid = Number(await makeType('placed', 'text'));
  const encode = recordEncoder({ n: 'int4', v: 'text', last: 'text' });
  const [a, b, c] = ['a', 'b', 'c'].map((v) => encode({ v })) as [Buffer, Buffer, Buffer];
  const places = async (lists: Buffer[][]) => {
    const { rows } = await client.query('select v, n from unnest($1::placed[])', [recordArray(oid, lists)]);
    return rows.map(({ v, n }) => `${v}${n}`);
  };
  expect(await places([[a, b], [], [c]])).toEqual(['a0', 'b0', 'c2']);
  expect(await places([[c], [a]])).toEqual(['c0', 'a1']);
});

test('a record that is larger than all before it arrives whole', async () => {
  const oid = Number(await makeType('large', 'text'));
  const encode = recordEncoder({ n: 'int4', v: 'text', last: 'text' });
  const v = 'é'.repeat(300_000);
  const { rows } = await client.query('select v, last from unnest($1::large[])', [
    recordArray(oid, [[encode({ v, last: 'x' })]]),
  ]);
  expect(rows).toEqual([{ v, last: 'x' }]);
});

test('an integer that a double cannot hold exactly is a bug, and said so', () => {
  expect(() => recordEncoder({ n: 'int4', v: 'int8' })({ v: 2 ** 53 })).toThrow('no integer beyond 2^53');
});
