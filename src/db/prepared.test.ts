import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { createPool, type Pool, query, runStatement } from './pool.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await testDatabase();
  // One connection, so that what it has learnt of a statement is what the next run uses.
  pool = createPool(database.url, { name: 'test', max: 1 });
  await pool.query('create table notes (id int8 primary key, at timestamptz, body json, ready bool)');
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const INSERT = { name: 'insert_note', text: 'insert into notes values ($1, $2, $3, $4)' };
const READ = {
  name: 'read_notes',
  text: 'select id, at, body, ready from notes where id = any ($1) order by id',
};

test('every run of a statement gives the same rows, though only the first has them described', async () => {
  await runStatement(pool, INSERT, { values: [1, '2026-11-28T12:00:00.000Z', '{"a": 1}', true] });
  await runStatement(pool, INSERT, { values: [2, null, null, null] });
  const wanted = [
    { id: 1, at: '2026-11-28T12:00:00.000Z', body: '{"a": 1}', ready: true },
    { id: 2, at: null, body: null, ready: null },
  ];
  expect(await query(pool, READ, [[1, 2]])).toEqual(wanted);
  expect(await query(pool, READ, [[1, 2]])).toEqual(wanted);
  expect(await query(pool, READ, [[]])).toEqual([]);
  expect(await query(pool, READ, [[2]])).toEqual([wanted[1]]);
});

test('how many rows were changed is told, where none are given too', async () => {
  const text = 'update notes set ready = false where id = any ($1)';
  const { rows, rowCount } = await runStatement(pool, { name: 'unready', text }, { values: [[1, 2, 3]] });
  expect({ rows, rowCount }).toEqual({ rows: [], rowCount: 2 });
});

test('a statement that fails rejects with its code, and the next one runs', async () => {
  await expect(runStatement(pool, INSERT, { values: [1, null, null, null] })).rejects.toMatchObject({
    code: '23505',
  });
  expect(await query(pool, READ, [[2]])).toHaveLength(1);
});

test('a row that cannot be read rejects, and the connection goes on', async () => {
  await runStatement(pool, INSERT, { values: [9, 'infinity', null, null] });
  await expect(query(pool, READ, [[9]])).rejects.toThrow('Invalid time value');
  expect(await query(pool, READ, [[2]])).toHaveLength(1);
});

test('rows that have become others are read as they are now, not as they were', async () => {
  const statement = { name: 'whole_note', text: 'select * from notes where id = 2' };
  await query(pool, statement);
  await pool.query('alter table notes add column author text');
  // PostgreSQL refuses the plan; the pool replaces a connection whose statement failed.
  await expect(query(pool, statement)).rejects.toMatchObject({ code: '0A000' });
  expect((await query<{ author: unknown }>(pool, statement))[0]).toHaveProperty('author', null);
});

test('a value that is no parameter is refused before anything is sent', async () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  await expect(query(pool, READ, [circular])).rejects.toThrow('circular');
  expect(await query(pool, READ, [[2]])).toHaveLength(1);
});
