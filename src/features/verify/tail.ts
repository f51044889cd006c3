/** Where the series stands before a digest is added, after whatever crash or damage came before. */

import type { Log } from '../../ops/log.ts';
import { isSigned, NO_DIGEST } from './record.ts';
import {
  digestFiles,
  type Latest,
  readDigests,
  readLatest,
  type StoredDigest,
  sizeOf,
  truncate,
  writeLatest,
} from './series.ts';

/**
 * Adopts what a crash left behind the note when it follows and is signed, and removes a torn rest. Damage before
 * that is left as it is, for `verify` to find: digests go on all the same.
 */
export async function findTail(folder: string, key: Buffer, log: Log): Promise<Latest | null> {
  const noted = await readLatest(folder, key);
  const files = await digestFiles(folder);
  if (noted === null && files.length === 0) return null;
  if (noted === null || noted === 'forged') {
    log.error({ folder }, 'the note of the latest digest is missing or not ours; run truepenny verify');
    return lastSigned(folder, files, key);
  }
  return afterCrash(folder, noted, files, key, log);
}

async function afterCrash(
  folder: string,
  noted: Latest,
  files: string[],
  key: Buffer,
  log: Log,
): Promise<Latest> {
  let tail = noted;
  for (const file of files.filter((name) => name >= noted.file)) {
    const start = file === noted.file ? noted.end : 0;
    const size = await sizeOf(folder, file);
    if (size <= start) continue;
    const good = await lastFollowing(folder, file, start, tail, key);
    tail = good ?? tail;
    const end = good?.end ?? start;
    if (size > end) {
      log.warn({ file, bytes: size - end }, 'an unfinished digest is removed from the end of its file');
      await truncate(folder, file, end);
    }
  }
  if (tail !== noted) await writeLatest(folder, tail, key);
  return tail;
}

async function lastFollowing(
  folder: string,
  file: string,
  start: number,
  tail: Latest,
  key: Buffer,
): Promise<Latest | null> {
  let last: Latest | null = null;
  for await (const read of readDigests(folder, file, start)) {
    if (!isDigest(read) || !follows(read, last ?? tail, key)) break;
    last = latestOf(read);
  }
  return last;
}

async function lastSigned(folder: string, files: string[], key: Buffer): Promise<Latest | null> {
  let last: Latest | null = null;
  for (const file of files) {
    for await (const read of readDigests(folder, file)) {
      if (isDigest(read) && read.whole && isSigned(read.header, key)) last = latestOf(read);
    }
  }
  return last;
}

export function isDigest(read: object): read is StoredDigest {
  return 'header' in read;
}

/** The next one after it, complete and signed. */
function follows(read: StoredDigest, before: Latest | null, key: Buffer): boolean {
  const { digest, previous } = read.header;
  return (
    read.whole &&
    isSigned(read.header, key) &&
    digest === (before?.header.digest ?? 0) + 1 &&
    previous === (before?.sha256 ?? NO_DIGEST)
  );
}

function latestOf({ header, sha256, file, end }: StoredDigest): Latest {
  return { header, sha256, file, end };
}
