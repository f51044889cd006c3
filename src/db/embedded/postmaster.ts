/** The process that runs a cluster, as its lock file `postmaster.pid` tells. */

import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** `ready` is false while it starts or recovers; asking it then only fills its log. */
export type Postmaster = { pid: number; port: number; ready: boolean };

/** The process that runs this cluster now; null when there is none, whatever the lock file says. */
export function runningPostmaster(data: string): Postmaster | null {
  const lock = readLock(data);
  return lock && runsCluster(lock.pid, data) ? lock : null;
}

/**
 * Removes the lock of a process that is gone when its number now belongs to another program: PostgreSQL
 * would take that program for itself. A lock whose number is free is left to PostgreSQL, which also looks
 * for orphaned children before it clears it.
 */
export async function clearReusedLock(data: string): Promise<boolean> {
  const lock = readLock(data);
  if (!lock || !isAlive(lock.pid) || runsCluster(lock.pid, data)) return false;
  await rm(join(data, 'postmaster.pid'), { force: true });
  return true;
}

/** True while the process runs; a zombie that its parent has not collected does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return process.platform !== 'linux' || !/^\d+ \(.*\) [ZX]/s.test(readProc(pid, 'stat'));
}

function readLock(data: string): Postmaster | null {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    return pid > 0 ? { pid, port, ready: lines[7]?.trim() === 'ready' } : null;
  } catch {
    return null; // no lock, or one that is being written: nobody answers yet
  }
}

function runsCluster(pid: number, data: string): boolean {
  if (!isAlive(pid)) return false;
  return commandOf(pid).includes(data) || folderOf(pid) === data;
}

function commandOf(pid: number): string {
  if (process.platform === 'linux') return readProc(pid, 'cmdline');
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return ''; // it ended meanwhile
  }
}

/** A server works in its data folder; so it is found even after the folder was moved. */
function folderOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null; // not Linux, or not ours to look at: then the command decides
  }
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // it ended meanwhile
  }
}
