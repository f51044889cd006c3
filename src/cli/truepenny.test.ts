import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { type TemporaryFolder, temporaryFolder } from '../../test/support/folder.ts';
import { runCommand } from '../../test/support/processes.ts';
import { type IdKind, mintId } from '../core/ids.ts';
import { realWorld } from '../ops/world.ts';

const world = realWorld();
const id = (kind: IdKind) => mintId(kind, world.now(), world.randomBytes(10));

let database: TestDatabase;
let folder: TemporaryFolder;
beforeAll(async () => {
  database = await testDatabase();
  folder = await temporaryFolder('cli');
});
afterAll(async () => {
  await database?.drop();
  await folder?.remove();
});

function truepenny(...args: string[]) {
  return runCommand(args, {
    DATABASE_URL: database.url,
    TRUEPENNY_DATA_DIR: folder.path,
    TRUEPENNY_ALLOW_UNSAFE_DATABASE: '1',
  });
}

test('help lists the commands and says what they end with', async () => {
  const { code, output } = await truepenny('help');
  expect(code).toBe(0);
  expect(output).toContain('verify     check every invariant');
  expect(output).toContain('Ends with 0 when all is well, 1 when');
});

describe('what a command does not know is said with how to use it, and nothing is done', () => {
  test.each([
    [['verfiy'], 'There is no command "verfiy".', 'truepenny help'],
    [['migrate', '--dry-run'], "Unknown option '--dry-run'.", 'Usage: truepenny migrate'],
    [['worker', 'now'], '"now" does not belong here.', 'Usage: truepenny worker'],
    [['verify', '--form', id('payment')], "Unknown option '--form'.", 'Usage: truepenny verify'],
    [['verify', id('payment')], 'does not belong here.', 'Usage: truepenny verify'],
    [['verify', '--payment', 'ref_1'], '"ref_1" is no payment id', 'Usage: truepenny verify'],
    [['explain', id('payment'), '--json'], "Unknown option '--json'.", 'Usage: truepenny explain'],
    [['facts', 'fold'], 'Which file?', 'Usage: truepenny facts'],
    [['connectors', 'check', '--fast'], "Unknown option '--fast'.", 'Usage: truepenny connectors'],
    [['keys', 'list'], 'Which merchant?', 'Usage: truepenny keys'],
    [['keys', 'list', '--mode', 'live'], '--mode does not belong here.', 'Usage: truepenny keys'],
    [['keys', 'create', '--scopes', 'ledger:read'], "Unknown option '--scopes'.", 'Usage: truepenny keys'],
    [['webhooks', 'list', '--dry-run'], '--dry-run does not belong here.', 'Usage: truepenny webhooks'],
    [['webhooks', 'replay'], 'Which webhooks?', 'Usage: truepenny webhooks'],
  ])('%j', async (args, what, how) => {
    const { code, output } = await truepenny(...args);
    expect(code, output).toBe(2);
    expect(output).toContain(what);
    expect(output).toContain(how);
  });
});

describe('what is well asked for and cannot be had ends with 1', () => {
  test.each([
    [['verify', '--payment', id('payment')], 'There is no such payment'],
    [['verify', '--payment', id('payment'), '--json'], 'There is no such payment'],
    [['keys', 'list', '--merchant', id('merchant')], 'There is no such merchant.'],
    [['webhooks', 'show', id('webhook')], 'There is no such webhook.'],
    [['facts', 'fold', 'nowhere.ndjson'], 'There is no file nowhere.ndjson.'],
  ])('%j', async (args, what) => {
    const { code, output } = await truepenny(...args);
    expect(code, output).toBe(1);
    expect(output).toContain(what);
    expect(output).not.toContain('Everything holds');
  });
});

test('all that holds, and all that was done, ends with 0', async () => {
  for (const args of [['verify'], ['migrate'], ['digest'], ['webhooks', 'list'], ['webhooks', 'replays']]) {
    const { code, output } = await truepenny(...args);
    expect(code, `${args.join(' ')}: ${output}`).toBe(0);
  }
});
