import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  LISTS as COLUMNS,
  commitStatement,
  PARTS,
  type Part,
  TYPE_IDS,
} from '../../src/db/statements/commit.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

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

const STREAM: Part[] = ['created', 'changed', 'key_only'];
const KEY: (Part | null)[] = [null, 'reserved', 'answered'];
const LISTS = PARTS.slice(PARTS.indexOf('events'));

/** Every kind of item with no list, each list, and all of them. */
const VARIANTS: Part[][] = STREAM.flatMap((stream) =>
  KEY.flatMap((key) =>
    [[], LISTS, ...LISTS.map((list) => [list])].map((lists) => [stream, ...(key ? [key] : []), ...lists]),
  ),
);

test('PostgreSQL understands the commit statement with whatever parts an item needs', async () => {
  for (const parts of VARIANTS) {
    const { name, text } = commitStatement(new Set(parts));
    await client.query(`prepare "${name}" as ${text}`).catch((error: Error) => {
      throw new Error(`${parts.join(' ')}: ${error.message}`);
    });
  }
});

test('no two variants share a name, whatever the order of their parts', () => {
  const named = (parts: Part[]) => commitStatement(new Set(parts)).name;
  expect(new Set(VARIANTS.map(named)).size).toBe(VARIANTS.length);
  expect(named([...PARTS].reverse())).toBe('commit');
});

test('nothing is written before the gates: one of them locks, and at most one writes', () => {
  const { text } = commitStatement(new Set(PARTS));
  const [gates = ''] = text.split('\nok as materialized');
  expect(gates.match(/for no key update of p skip locked/g)).toHaveLength(1);
  expect(gates.match(/insert into|update payments|delete from/g)).toEqual(['insert into']);
});

test('the lists have the columns of their types in the database, in the same order', async () => {
  const { rows } = await client.query(TYPE_IDS.text);
  for (const [list, columns] of Object.entries(COLUMNS)) {
    const attributes = await client.query(
      `select a.attname as name, format_type(a.atttypid, null) as type from pg_attribute a
       join pg_type t on t.typrelid = a.attrelid where t.oid = $1 order by a.attnum`,
      [rows[0][list]],
    );
    const found = attributes.rows.map(({ name, type }) => [name, SHORT[type] ?? type]);
    expect(found, list).toEqual(Object.entries(columns));
  }
});

const SHORT: Record<string, string> = {
  integer: 'int4',
  smallint: 'int2',
  bigint: 'int8',
  'bigint[]': 'int8[]',
  boolean: 'bool',
  'timestamp with time zone': 'timestamptz',
};
