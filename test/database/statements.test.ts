import { readdir } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Statement } from '../../src/db/pool.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

const FOLDER = new URL('../../src/db/statements/', import.meta.url);

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

async function statements(): Promise<Statement[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const modules: Record<string, unknown>[] = await Promise.all(
    files.map((file) => import(new URL(file, FOLDER).href)),
  );
  return modules.flatMap((module) => Object.values(module)).filter(isStatement);
}

function isStatement(value: unknown): value is Statement {
  return typeof value === 'object' && value !== null && 'name' in value && 'text' in value;
}

test('every statement is understood by PostgreSQL with the schema of today', async () => {
  const all = await statements();
  expect(all.length).toBeGreaterThan(20);
  for (const { name, text } of all) {
    await client.query(`prepare "${name}" as ${text}`).catch((error: Error) => {
      throw new Error(`${name}: ${error.message}`);
    });
  }
});

test('no two statements share a name, since a connection would run the first for both', async () => {
  const names = (await statements()).map((statement) => statement.name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
