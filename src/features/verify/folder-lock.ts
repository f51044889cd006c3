/**
 * One writer to a folder at a time, across processes.
 *
 * Everybody puts down a file of their own name, then looks: who sees another's takes theirs away and comes again
 * later. Two may give way to each other, but never both go on; and a dead one's file can be removed without
 * hitting a living one's, since no two have the same name.
 */

import { access, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../../db/embedded/postmaster.ts';
import type { World } from '../../ops/world.ts';

/** A holder that shows no sign of life for so long is given up: it may be on another machine, or its number reused. */
const STALE_MS = 60_000;

export type FolderLock = {
  /** Shows a sign of life; throws when somebody gave us up meanwhile. */
  refresh(): Promise<void>;
  release(): Promise<void>;
};

/** Null while somebody else has it. */
export async function lockFolder(folder: string, world: World): Promise<FolderLock | null> {
  const mine = nameOf(process.pid, Buffer.from(world.randomBytes(8)).toString('hex'));
  const file = join(folder, mine);
  await writeFile(file, '', { flag: 'wx' });
  const release = () => rm(file, { force: true });
  if (await heldByAnother(folder, mine)) {
    await release();
    return null;
  }
  return {
    async refresh() {
      await access(file);
      await writeFile(file, '');
    },
    release,
  };
}

async function heldByAnother(folder: string, mine: string): Promise<boolean> {
  // The file system's own clock: it may be another machine's.
  const nowMs = (await stat(join(folder, mine))).mtimeMs;
  for (const name of await readdir(folder)) {
    if (!name.startsWith('lock-') || name === mine) continue;
    if (!(await isStale(join(folder, name), name, nowMs))) return true;
    await rm(join(folder, name), { force: true });
  }
  return false;
}

async function isStale(file: string, name: string, nowMs: number): Promise<boolean> {
  const [, pid, host] = /^lock-(\d+)-[0-9a-f]+-(.*)$/.exec(name) ?? [];
  if (host === hostPart() && !isAlive(Number(pid))) return true;
  const seen = await stat(file).catch(() => null);
  return seen === null || nowMs - seen.mtimeMs > STALE_MS;
}

function nameOf(pid: number, token: string): string {
  return `lock-${pid}-${token}-${hostPart()}`;
}

function hostPart(): string {
  return encodeURIComponent(hostname());
}
