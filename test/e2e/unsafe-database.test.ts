import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { administer, type TestDatabase, testDatabase } from '../support/database.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.ts';
import { quietPort, runCommand } from '../support/processes.ts';

let database: TestDatabase;
let folder: TemporaryFolder;
let port: number;
beforeAll(async () => {
  database = await testDatabase();
  folder = await temporaryFolder('unsafe');
  port = await quietPort();
  // The test run's own server has it off already; one that is given from outside may not.
  await administer(database.url, `alter database ${nameOf(database.url)} set synchronous_commit = off`);
});
afterAll(async () => {
  await database?.drop();
  await folder?.remove();
});

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

function run(command: string, env: Record<string, string> = {}) {
  return runCommand([command], {
    DATABASE_URL: database.url,
    TRUEPENNY_DATA_DIR: folder.path,
    TRUEPENNY_PORT: String(port),
    TRUEPENNY_ALLOW_UNSAFE_DATABASE: '',
    ...env,
  });
}

describe('a database that may lose what it acknowledged', () => {
  test.each(['api', 'worker', 'migrate'])(
    '`truepenny %s` does not work on it, and says why',
    async (command) => {
      const { code, output } = await run(command);
      expect(code).toBe(1);
      expect(output).toMatch(/has (fsync and )?synchronous_commit (and full_page_writes )?off/);
      expect(output).toContain('it would lose payments that it has acknowledged');
      expect(output).toContain('TRUEPENNY_ALLOW_UNSAFE_DATABASE=1');
      expect(output).not.toContain('    at ');
    },
  );

  test('is used when told to', async () => {
    const { code, output } = await run('migrate', { TRUEPENNY_ALLOW_UNSAFE_DATABASE: '1' });
    expect(output).toContain('The schema is up to date');
    expect(code).toBe(0);
  });
});

test('a database that does not answer is told with what to do, and without its password', async () => {
  const { code, output } = await run('api', {
    DATABASE_URL: `postgresql://someone:hidden-password@127.0.0.1:${port}/none`,
  });
  expect(code).toBe(1);
  expect(output).toContain('The database cannot be used');
  expect(output).toContain('Check that it runs and that DATABASE_URL is right');
  expect(output).not.toContain('hidden-password');
});
