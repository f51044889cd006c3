import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commitStatement, PARTS, type Part } from '../../src/db/statements/commit.ts';
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
