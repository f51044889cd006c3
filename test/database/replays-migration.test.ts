/** What 0006 finds of before: deliveries that were set aside, facts that wait, replays that were done. */

import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { administer, type TestDatabase, testDatabase, withDatabase } from '../support/database.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.ts';

const MIGRATIONS = fileURLToPath(new URL('../../src/db/migrations', import.meta.url));
const FIRST = '0006_replays.sql';
const NAME = `truepenny_test_before_${process.pid}`;

let server: TestDatabase;
let folder: TemporaryFolder;
let client: pg.Client;
beforeAll(async () => {
  [server, folder] = [await testDatabase(), await temporaryFolder('before')];
  await administer(server.url, `create database ${NAME} template template0`);
  client = new pg.Client({ connectionString: withDatabase(server.url, NAME) });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await administer(server.url, `drop database ${NAME} with (force)`);
  await server.drop();
  await folder.remove();
});

async function migrateWith(path: string): Promise<void> {
  const migrated = await migrate(withDatabase(server.url, NAME), { folder: path, now: Date.now });
  expect(migrated).toMatchObject({ ok: true });
}

async function rows(text: string): Promise<unknown[]> {
  return (await client.query(text)).rows;
}

test('what was set aside before becomes an exception, what waits gets its timer, and what was replayed is finished', async () => {
  const before = join(folder.path, 'migrations');
  await mkdir(before);
  for (const file of await readdir(MIGRATIONS))
    if (file < FIRST) await copyFile(join(MIGRATIONS, file), join(before, file));
  await migrateWith(before);
  await rows(`insert into inbox_due (inbox_id, provider, state, received_at, why)
    values (uuidv7(), 'simulator', 'set_aside', now(), 'unreadable'), (uuidv7(), 'simulator', 'parked', now(), 'x')`);
  await rows(`insert into payments (id, merchant_id, mode, currency, version, status, amount, amount_authorized,
      amount_captured, amount_capture_pending, amount_refunded, amount_refund_pending, amount_reversed,
      amount_disputed, captured_beyond, refunded_beyond, state, head, created_at, updated_at)
    values (uuidv7(), uuidv7(), 'test', 'EUR', 1, 'captured', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0,
      '{"waiting":[{"key":"mv"}]}', '', now(), now())`);
  await rows(`insert into inbox_replays values (uuidv7(), 'ann', 'a drill', '{}', 1, now())`);
  await migrateWith(MIGRATIONS);
  expect(
    await rows(`select x.type, x.status, d.state from exceptions x join inbox_due d on d.exception_id = x.id
      where x.inbox_id = d.inbox_id`),
  ).toEqual([{ type: 'webhook_unreadable', status: 'open', state: 'set_aside' }]);
  expect(await rows(`select s.kind from schedule s join payments p on p.id = s.subject`)).toEqual([
    { kind: 'waiting' },
  ]);
  expect(await rows('select needs_approval, override from inbox_replays')).toEqual([
    { needs_approval: false, override: false },
  ]);
});
