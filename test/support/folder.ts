/** A folder of a test's own. */

import { statfsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type TemporaryFolder = { path: string; remove(): Promise<void> };

/**
 * Named after the process, so that a later run can clear away what a killed one left (see `cluster.ts`).
 * Others may pass through it but see nothing: as root, PostgreSQL runs as a user who must get to its data.
 */
export async function temporaryFolder(name = 'test', parent = tmpdir()): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(parent, `truepenny-${name}-${process.pid}-`));
  await chmod(path, 0o711);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

const MEMORY = '/dev/shm';

/** Where files are made and deleted many times quicker than on a disk; the usual place where there is no such room. */
export function inMemory(bytes: number): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= bytes ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}
