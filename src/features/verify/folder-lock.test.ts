import { readdir, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../../test/support/folder.ts';
import { lockFolder } from './folder-lock.ts';
import { WORLD } from './test-kit.ts';

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder('lock');
});
afterEach(() => folder.remove());

const HERE = encodeURIComponent(hostname());

test('a folder is locked once, and again after it was released', async () => {
  const first = await lockFolder(folder.path, WORLD);
  expect(first).not.toBeNull();
  expect(await lockFolder(folder.path, WORLD)).toBeNull();
  await first?.release();
  expect(await lockFolder(folder.path, WORLD)).not.toBeNull();
});

test('a folder that another living process writes to is left to it', async () => {
  await writeFile(join(folder.path, `lock-${process.ppid}-0123-${HERE}`), '');
  expect(await lockFolder(folder.path, WORLD)).toBeNull();
  expect(await readdir(folder.path)).toEqual([`lock-${process.ppid}-0123-${HERE}`]);
});

test.each([
  // Above what Linux gives as a process number.
  { name: 'a process that is gone', lock: `lock-4194305-0123-${HERE}`, ageS: 0 },
  { name: 'a machine that shows no sign of life', lock: 'lock-1-0123-elsewhere', ageS: 120 },
])('the lock of $name is taken away', async ({ lock, ageS }) => {
  await writeLock(lock, ageS);
  expect(await lockFolder(folder.path, WORLD)).not.toBeNull();
  expect(await readdir(folder.path)).not.toContain(lock);
});

test('the lock of another machine that shows signs of life is left to it', async () => {
  await writeLock('lock-1-0123-elsewhere', 5);
  expect(await lockFolder(folder.path, WORLD)).toBeNull();
});

test('who was given up meanwhile is told before writing', async () => {
  const lock = await lockFolder(folder.path, WORLD);
  await lock?.refresh();
  await lock?.release();
  await expect(lock?.refresh()).rejects.toThrow('ENOENT');
});

async function writeLock(name: string, ageS: number): Promise<void> {
  const file = join(folder.path, name);
  await writeFile(file, '');
  const seen = WORLD.now() / 1000 - ageS;
  await utimes(file, seen, seen);
}
