/**
 * The data of one PostgreSQL: one folder that holds `data/`, its `password`, its `port` and `server.log`.
 *
 * All of it belongs to the account that runs the server, and nobody else may look inside.
 */

import { randomBytes, randomInt } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { type Account, give, run } from './account.ts';
import type { Binaries } from './binaries.ts';
import { diagnose } from './diagnose.ts';
import { exists } from './place.ts';
import { failed, ok, type Result } from './problem.ts';
import { INITDB_ARGS } from './settings.ts';

export type Cluster = { unit: string; data: string; log: string; password: string };

/** Below the ranges from which systems take ports for outgoing calls: a restart finds its port free. */
const PORTS = { from: 20_000, to: 32_000 };

/** Opens the cluster in `unit`, or makes it: whole or not at all, however many try at once. */
export async function openOrCreate(
  unit: string,
  binaries: Binaries,
  account: Account,
  throwaway: boolean,
): Promise<Result<Cluster>> {
  if (!(await exists(join(unit, 'data')))) {
    const made = await create(unit, binaries, account, throwaway);
    if (!made.ok) return made;
  }
  const data = join(unit, 'data');
  const major = (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim();
  if (major !== binaries.major) return otherVersion(unit, major, binaries.major);
  const password = (await readFile(join(unit, 'password'), 'utf8')).trim();
  return ok({ unit, data, log: join(unit, 'server.log'), password });
}

/** The port of the last start when it is free, else another one, which is kept from now on. */
export async function claimPort(unit: string, account: Account): Promise<number> {
  const file = join(unit, 'port');
  const kept = Number(await readFile(file, 'utf8').catch(() => ''));
  if (kept > 0 && (await isFree(kept))) return kept;
  const port = await freePort();
  await writeFile(file, `${port}\n`, { mode: 0o600 });
  await give(file, account);
  return port;
}

async function create(
  unit: string,
  binaries: Binaries,
  account: Account,
  throwaway: boolean,
): Promise<Result<void>> {
  const draft = `${unit}.${randomBytes(4).toString('hex')}`;
  try {
    await makePrivate(draft, account);
    await writeFile(join(draft, 'password'), randomBytes(24).toString('base64url'), {
      mode: 0o600,
      flush: true,
    });
    await give(join(draft, 'password'), account);
    const args = [...INITDB_ARGS, `--pgdata=${join(draft, 'data')}`, `--pwfile=${join(draft, 'password')}`];
    const result = await run(
      join(binaries.home, 'bin', 'initdb'),
      throwaway ? [...args, '--no-sync'] : args,
      account,
    );
    if (result.code !== 0) return diagnose(result.output, 'the output of initdb');
    await putInPlace(draft, unit);
    return ok(undefined);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function makePrivate(folder: string, account: Account): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  await chmod(folder, 0o700);
  await give(folder, account);
}

/** An empty folder gives way; a full one was made by another process meanwhile, and is as good as ours. */
async function putInPlace(draft: string, unit: string): Promise<void> {
  await rmdir(unit).catch(() => undefined);
  await rename(draft, unit).catch(async (error) => {
    if (!(await exists(join(unit, 'data')))) throw error;
  });
  await syncFolder(dirname(unit));
}

/** A power cut must not take the name away from data that was acknowledged. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync();
  await folder.close();
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

function otherVersion(unit: string, found: string, ours: string) {
  return failed(
    'data_of_other_version',
    `The data in ${unit} was made by PostgreSQL ${found}; this release brings PostgreSQL ${ours}.`,
    'Use the release of Truepenny that made it, dump the data there and load it here, or set TRUEPENNY_DATA_DIR.',
  );
}
