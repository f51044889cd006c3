import { existsSync, readdirSync, readlinkSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../test/support/folder.ts';
import { quietPort } from '../../test/support/processes.ts';
import { LIMITS } from '../ops/limits.ts';
import { logFile, supervise } from './supervisor.ts';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder('supervisor');
});
afterAll(() => folder?.remove());

/** The simulator, until it has written to its log; then it is stopped. */
async function runOnce(): Promise<void> {
  const file = logFile('simulator', folder.path);
  const before = existsSync(file) ? statSync(file).size : 0;
  const env = { TRUEPENNY_DATA_DIR: folder.path, TRUEPENNY_SIMULATOR_PORT: String(await quietPort()) };
  const options = { logDir: folder.path, env, say: () => undefined, onDeath: async () => undefined };
  const child = supervise('simulator', options);
  const written = () => existsSync(file) && statSync(file).size !== before && statSync(file).size > 0;
  await expect.poll(written, { timeout: 20_000 }).toBe(true);
  if (process.platform === 'linux') expect(openHere(file)).toEqual([]);
  await child.stop();
}

function openHere(file: string): string[] {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === file;
    } catch {
      return false; // The folder's own, which is closed by now.
    }
  });
}

test('a log goes on at the next start; one that has become long is set aside, and replaces the one before', async () => {
  const file = logFile('simulator', folder.path);
  writeFileSync(file, 'of yesterday\n');
  writeFileSync(`${file}.1`, 'of last year\n');
  await runOnce();
  expect(statSync(`${file}.1`).size).toBe('of last year\n'.length);
  truncateSync(file, LIMITS.logs.bytes + 1);
  await runOnce();
  expect(statSync(`${file}.1`).size).toBe(LIMITS.logs.bytes + 1);
  expect(statSync(file).size).toBeLessThan(LIMITS.logs.bytes);
}, 60_000);
