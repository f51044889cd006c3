/** A folder of a test's own. */

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type TemporaryFolder = { path: string; remove(): Promise<void> };

/**
 * Named after the process, so that a later run can clear away what a killed one left (see `cluster.ts`).
 * Others may pass through it but see nothing: as root, PostgreSQL runs as a user who must get to its data.
 */
export async function temporaryFolder(name = 'test'): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), `truepenny-${name}-${process.pid}-`));
  await chmod(path, 0o711);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
