import { randomUUID } from 'node:crypto';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { administer, type TestDatabase, testDatabase, withDatabase } from '../../test/support/database.ts';
import { type TemporaryFolder, temporaryFolder } from '../../test/support/folder.ts';
import { migrate } from './migrate.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const FIRST = 'create table greetings (text text not null);';
const SECOND = `insert into greetings values ('hello');`;

let server: TestDatabase;
let database: { url: string; drop(): Promise<void> };
let folder: TemporaryFolder;

beforeAll(async () => {
  server = await testDatabase();
});
afterAll(() => server.drop());

beforeEach(async () => {
  folder = await temporaryFolder('migrations');
  const name = `truepenny_test_${randomUUID().replaceAll('-', '')}`;
  // Empty: the migrations of the product would be unknown ones here.
  await administer(server.url, `create database ${name} template template0`);
  database = {
    url: withDatabase(server.url, name),
    drop: () => administer(server.url, `drop database ${name} with (force)`),
  };
  await file('0001_greetings.sql', FIRST);
});
afterEach(async () => {
  await database.drop();
  await folder.remove();
});

test('applies the files in order, once, and remembers when', async () => {
  await file('0002_hello.sql', SECOND);
  expect(await run()).toEqual({
    ok: true,
    value: { applied: ['0001_greetings.sql', '0002_hello.sql'], version: 2 },
  });
  expect(await run()).toEqual({ ok: true, value: { applied: [], version: 2 } });
  expect(await rows('select text from greetings')).toEqual([{ text: 'hello' }]);
  expect(await rows('select distinct applied_at from schema_migrations')).toEqual([
    { applied_at: new Date(NOW) },
  ]);
});

test('goes on from where an earlier release stopped', async () => {
  await run();
  await file('0002_hello.sql', SECOND);
  expect(await run()).toMatchObject({ value: { applied: ['0002_hello.sql'] } });
});

test('lets eight processes start at once: one migrates, the others wait for it', async () => {
  await file('0002_hello.sql', SECOND);
  const results = await Promise.all(Array.from({ length: 8 }, run));
  expect(results.every((result) => result.ok)).toBe(true);
  expect(results.filter((result) => result.ok && result.value.applied.length === 2)).toHaveLength(1);
  expect(await rows('select count(*)::int as greetings from greetings')).toEqual([{ greetings: 1 }]);
});

test('refuses a file that was changed after it was applied', async () => {
  await run();
  await file('0001_greetings.sql', `${FIRST} -- harmless?`);
  expect(await problem()).toBe('migration_changed');
});

test('takes a checkout with other line ends for the same file', async () => {
  await file('0001_greetings.sql', `${FIRST}\n-- end\n`);
  await run();
  await file('0001_greetings.sql', `${FIRST}\r\n-- end\r\n`);
  expect(await run()).toMatchObject({ ok: true });
});

test('refuses a database that a newer release has migrated', async () => {
  const newer = await temporaryFolder('newer');
  await cp(folder.path, newer.path, { recursive: true });
  await writeFile(join(newer.path, '0002_hello.sql'), SECOND);
  await migrate(database.url, { folder: newer.path, now: () => NOW });
  await newer.remove();
  expect(await problem()).toBe('database_is_newer');
});

test('refuses a migration that was numbered before one that is applied', async () => {
  await file('0003_hello.sql', SECOND);
  await run();
  await file('0002_late.sql', SECOND);
  expect(await problem()).toBe('migration_out_of_order');
});

test('refuses two files with one number, and a name of another form', async () => {
  await file('0001_twin.sql', SECOND);
  expect(await problem()).toBe('migration_misnamed');
});

test('applies a failing file not at all, and names the file and the line', async () => {
  await file('0002_broken.sql', `${SECOND}\nselect nothing;`);
  const result = await run();
  expect(result).toMatchObject({ ok: false, problem: { code: 'migration_failed' } });
  expect(result.ok || result.problem.message).toContain('0002_broken.sql failed at line 2');
  expect(await rows('select text from greetings')).toEqual([]);
  await file('0002_broken.sql', SECOND);
  expect(await run()).toMatchObject({ ok: true });
});

test('gives up on a table in use rather than hold up the payments behind it', async () => {
  await run();
  await file('0002_alter.sql', 'alter table greetings add column language text;');
  const reader = new pg.Client({ connectionString: database.url });
  await reader.connect();
  await reader.query('begin; select * from greetings');
  expect(await problem()).toBe('migration_blocked');
  await reader.end();
  expect(await run()).toMatchObject({ ok: true });
});

test('takes a connected client too, and leaves it usable', async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await migrate(client, { folder: folder.path, now: () => NOW });
  expect((await client.query('select * from greetings')).rows).toEqual([]);
  await client.end();
});

test('says where nobody answers, without the password', async () => {
  const result = await migrate('postgresql://me:secret@127.0.0.1:1/none', {
    folder: folder.path,
    now: () => NOW,
  });
  expect(result).toMatchObject({ ok: false, problem: { code: 'database_unreachable' } });
  expect(JSON.stringify(result)).not.toContain('secret');
});

function file(name: string, sql: string): Promise<void> {
  return writeFile(join(folder.path, name), sql);
}

function run() {
  return migrate(database.url, { folder: folder.path, now: () => NOW });
}

async function problem(): Promise<string | null> {
  const result = await run();
  return result.ok ? null : result.problem.code;
}

async function rows(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
