/**
 * Where data and binaries lie, so that the account that runs PostgreSQL can reach them.
 *
 * Below a home folder of mode 0700 root may enter, but `nobody` may not. Nobody's permissions are loosened
 * for that: data and a copy of the binaries live in a shelter under /var/lib instead, and a pointer beside
 * the usual place says where.
 */

import { createHash, randomBytes } from 'node:crypto';
import { access, lstat, mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type Account, canEnter } from './account.ts';
import { failed, ok, type Result } from './problem.ts';

/** Where the data folder really is: as told by the pointer beside it, else the folder itself. */
export async function settledPlace(dataDir: string): Promise<Result<string>> {
  await mkdir(dirname(dataDir), { recursive: true });
  const usual = join(await realpath(dirname(dataDir)), basename(dataDir));
  const pointer = await readFile(pointerOf(usual), 'utf8').catch(() => null);
  if (pointer === null) return ok(usual);
  const place = pointer.trim();
  return (await exists(place)) ? ok(place) : dataIsGone(usual, place);
}

/** The same place, or a shelter where the account cannot enter it. */
export async function reachablePlace(place: string, account: Account): Promise<Result<string>> {
  if (await canEnter(dirname(place), account)) return ok(place);
  if (await exists(place)) return dataOutOfReach(place);
  // A new one each time: who removed `.truepenny` to begin anew must not meet the old data again.
  const shelter = await shelterFor(place, account, `-${randomBytes(4).toString('hex')}`);
  return shelter.ok ? pointTo(shelter.value, place) : shelter;
}

/** Of two processes that start at once, the first pointer counts. */
async function pointTo(shelter: string, place: string): Promise<Result<string>> {
  const sheltered = join(shelter, 'postgres');
  await mkdir(sheltered, { mode: 0o700 });
  try {
    await writeFile(pointerOf(place), `${sheltered}\n`, { flag: 'wx', flush: true });
    return ok(sheltered);
  } catch (error) {
    await rm(shelter, { recursive: true });
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return settledPlace(place);
  }
}

/** A folder of our own for what belongs to `path`, which the account can enter and nobody else can write. */
export async function shelterFor(path: string, account: Account, suffix = ''): Promise<Result<string>> {
  const name = createHash('sha256').update(path).digest('hex').slice(0, 16) + suffix;
  for (const candidate of [join('/var/lib/truepenny', name), join(tmpdir(), `truepenny-${name}`)]) {
    const made = await mkdir(candidate, { recursive: true, mode: 0o755 }).then(
      () => true,
      () => false,
    );
    if (made && (await isOurs(candidate)) && (await canEnter(candidate, account))) return ok(candidate);
  }
  return failed(
    'no_reachable_folder',
    `The unprivileged user who runs PostgreSQL can enter neither ${dirname(path)} nor /var/lib/truepenny.`,
    'Move the clone out of the private home folder, start as an ordinary user, or set DATABASE_URL.',
  );
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** In a shared folder somebody else may have made the name first. */
async function isOurs(path: string): Promise<boolean> {
  const { uid, mode } = await lstat(path);
  return uid === process.getuid?.() && (mode & 0o170022) === 0o040000;
}

function pointerOf(place: string): string {
  return `${place}.location`;
}

function dataIsGone(usual: string, place: string) {
  return failed(
    'data_missing',
    `The database was kept in ${place}, and that folder is gone.`,
    `Restore the folder, or remove ${pointerOf(usual)} to begin with an empty database.`,
  );
}

function dataOutOfReach(place: string) {
  return failed(
    'data_out_of_reach',
    `The user to whom the database in ${place} belongs can no longer enter the folders above it.`,
    'Move the clone back to where that user can go, or set TRUEPENNY_DATA_DIR to another folder.',
  );
}
