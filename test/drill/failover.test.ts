import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.ts';
import { runCommand } from '../support/processes.ts';
import { drillFailover } from './failover.ts';
import { type Pair, startPair } from './servers.ts';

describe('a primary that waits for its standby', () => {
  let folder: TemporaryFolder;
  let pair: Pair;
  beforeAll(async () => {
    folder = await temporaryFolder('pair');
    pair = await startPair(folder.path);
  });
  afterAll(async () => {
    await pair?.stop();
    await folder?.remove();
  });

  async function connected(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: pair.urlOf(pair.primary), query_timeout: 2_000 });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  test('acknowledges nothing while the standby is away, not even when a statement takes too long', async () => {
    const [writer, reader] = [await connected(), await connected()];
    await writer.query('create table drilled (n int)');
    await writer.query('set statement_timeout = 500');
    await pair.standby.kill();
    await expect(writer.query('insert into drilled values (1)')).rejects.toThrow('Query read timeout');
    expect((await reader.query('select n from drilled')).rows).toEqual([]);
    await pair.standby.start();
    await expect
      .poll(async () => (await reader.query('select n from drilled')).rows, { timeout: 20_000 })
      .toEqual([{ n: 1 }]);
    await Promise.all([writer.end(), reader.end()]);
  });

  test('its standby is refused by whoever would take payments on it', async () => {
    const env = { DATABASE_URL: pair.urlOf(pair.standby), TRUEPENNY_DATA_DIR: folder.path };
    const { code, output } = await runCommand(['migrate'], env);
    expect(code).toBe(1);
    expect(output).toContain('The PostgreSQL server is a standby');
    expect(output).toContain('docs/runbooks/failover.md');
  });
});

test('the primary goes under load: nothing acknowledged is lost, nothing doubled, and the platform finds the standby', {
  timeout: 240_000,
}, async () => {
  const report = await drillFailover({
    beforeMs: 1_500,
    noticedMs: 300,
    seed: 20_261_123,
    say: () => undefined,
  });
  expect(report.findings).toEqual([]);
  expect(report.payments).toBeGreaterThan(5);
});
