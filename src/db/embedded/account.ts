/**
 * Who runs PostgreSQL, which refuses to run as root.
 *
 * An ordinary user runs it as themselves. Root runs it as the user whom the data belongs to, at first
 * `nobody`: initdb needs a name in the password file, so a number of our own would not do.
 */

import { spawn } from 'node:child_process';
import { chown, readFile, stat } from 'node:fs/promises';
import { failed, ok, type Result } from './problem.ts';
import { SERVER_ENV } from './settings.ts';

/** Spread into the options of `spawn`; empty means the current user. */
export type Account = { uid: number; gid: number } | Record<string, never>;

/** The account for the data in `unit`, whether or not it exists yet. */
export async function accountFor(unit: string): Promise<Result<Account>> {
  const owner = await stat(unit).catch(() => null);
  const self = process.getuid?.();
  if (self !== 0) {
    return owner && owner.uid !== self ? belongsToAnother(unit) : ok({});
  }
  if (owner && owner.uid !== 0) return ok({ uid: owner.uid, gid: owner.gid });
  return nobody();
}

/** Makes the path the account's own; a no-op for the current user. */
export async function give(path: string, account: Account): Promise<void> {
  if (account.uid !== undefined) await chown(path, account.uid, account.gid);
}

/** Asks as the account itself, so that access lists and odd mounts are heard too. */
export async function canEnter(path: string, account: Account): Promise<boolean> {
  if (account.uid === undefined) return true;
  const { code } = await run('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], account);
  return code === 0;
}

/** Runs a program to its end as the account. `code` is null when it could not be started. */
export function run(
  program: string,
  args: string[],
  account: Account,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    // The current folder may be one that the account cannot enter.
    const child = spawn(program, args, {
      ...account,
      cwd: '/',
      env: SERVER_ENV,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => resolve({ code: null, output: error.message }));
    child.on('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString() }));
  });
}

async function nobody(): Promise<Result<Account>> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const fields = passwd.match(/^nobody:.*$/m)?.[0].split(':') ?? [];
  const [uid, gid] = [Number(fields[2]), Number(fields[3])];
  if (Number.isInteger(uid) && Number.isInteger(gid)) return ok({ uid, gid });
  return failed(
    'no_unprivileged_user',
    'PostgreSQL does not run as root, and this machine has no user "nobody" to run it as.',
    'Start Truepenny as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.',
  );
}

function belongsToAnother(unit: string) {
  return failed(
    'data_of_another_user',
    `The database in ${unit} belongs to another user of this machine.`,
    'Start Truepenny as the user who started it first (perhaps root), or set TRUEPENNY_DATA_DIR to another folder.',
  );
}
