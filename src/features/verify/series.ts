/**
 * The series of digests on disk: one file a day, only ever appended to, and `latest.json`, which notes the last
 * digest and where it ends. A note that is ahead of the files shows that they were cut; files that are ahead of
 * the note are what a crash leaves.
 */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS } from '../../ops/limits.ts';
import { type Head, parseHead, parseHeader, type Signed, sha256 } from './record.ts';

export type Latest = {
  header: Signed;
  /** SHA-256 of its header line: worth keeping where nobody who reaches this folder can change it. */
  sha256: string;
  file: string;
  /** Where it ends in its file, in bytes. */
  end: number;
};

/** A digest as read: not judged, but for being complete. */
export type StoredDigest = {
  file: string;
  header: Signed;
  sha256: string;
  heads: Head[];
  /** The streams are what the header says. */
  whole: boolean;
  end: number;
};

/** What stands where a digest should, or after the last one. */
export type Rubbish = { file: string; line: number; end: number };

const LINE_BYTES = 4096;

export async function digestFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => /^\d{4}-\d{2}-\d{2}\.ndjson$/.test(name)).sort();
}

/** The digests of a file from a byte on, one after the other; memory is bounded by the largest digest. */
export async function* readDigests(
  folder: string,
  file: string,
  start = 0,
): AsyncGenerator<StoredDigest | Rubbish> {
  let reading: (Omit<StoredDigest, 'whole'> & { body: string[] }) | null = null;
  for await (const line of linesOf(join(folder, file), start)) {
    const header = line.text.startsWith('{') ? parseHeader(line.text) : null;
    if (header) {
      if (reading) yield finished(reading);
      reading = { file, header, sha256: sha256(line.text), heads: [], body: [], end: line.end };
    } else if (reading && reading.body.length < Math.min(reading.header.streams, LIMITS.digest.batch)) {
      reading.body.push(line.ended ? `${line.text}\n` : line.text);
      const head = parseHead(line.text);
      if (head) reading.heads.push(head);
      reading.end = line.end;
    } else {
      if (reading) yield finished(reading);
      reading = null;
      yield { file, line: line.number, end: line.end };
    }
  }
  if (reading) yield finished(reading);
}

function finished({ body, ...digest }: Omit<StoredDigest, 'whole'> & { body: string[] }): StoredDigest {
  const { streams, streams_sha256 } = digest.header;
  return { ...digest, whole: body.length === streams && sha256(body.join('')) === streams_sha256 };
}

type Line = { text: string; number: number; end: number; ended: boolean };

/** Lines of a file; one that is too long for a digest's comes as its beginning. */
async function* linesOf(path: string, start: number): AsyncGenerator<Line> {
  let text = '';
  let number = 0;
  let end = start;
  for await (const chunk of createReadStream(path, { start, encoding: 'latin1' })) {
    const parts = (chunk as string).split('\n');
    for (const [index, part] of parts.entries()) {
      text = (text + part).slice(0, LINE_BYTES);
      const ended = index < parts.length - 1;
      end += part.length + (ended ? 1 : 0);
      if (!ended) continue;
      number += 1;
      if (text !== '') yield { text, number, end, ended };
      text = '';
    }
  }
  if (text !== '') yield { text, number: number + 1, end, ended: false };
}

/** Appends to the file, and has it on the disk before it returns. Gives where the file ends now. */
export async function append(folder: string, file: string, text: string): Promise<number> {
  const handle = await open(join(folder, file), 'a', 0o600);
  try {
    const { size } = await handle.stat();
    // What was cut in the middle of a line must not swallow the header that comes after it.
    const apart = size > 0 && !(await endsWithLineFeed(join(folder, file), size)) ? `\n${text}` : text;
    await handle.writeFile(apart);
    await handle.sync();
    if (size === 0) await syncFolder(folder);
    return size + Buffer.byteLength(apart);
  } finally {
    await handle.close();
  }
}

export async function truncate(folder: string, file: string, size: number): Promise<void> {
  const handle = await open(join(folder, file), 'r+');
  try {
    await handle.truncate(size);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function sizeOf(folder: string, file: string): Promise<number> {
  const found = await stat(join(folder, file)).catch(() => null);
  return found?.size ?? 0;
}

/** The note of the last digest: null when there is none, `forged` when it is not ours. */
export async function readLatest(folder: string, key: Buffer): Promise<Latest | 'forged' | null> {
  const text = await readFile(join(folder, 'latest.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    const { signature, ...latest } = JSON.parse(text) as Latest & { signature: string };
    const given = Buffer.from(signature, 'hex');
    const right = signatureOf(latest, key);
    return given.length === right.length && timingSafeEqual(given, right) ? latest : 'forged';
  } catch {
    return 'forged';
  }
}

export async function writeLatest(folder: string, latest: Latest, key: Buffer): Promise<void> {
  const fresh = join(folder, 'latest.json.new');
  const signature = signatureOf(latest, key).toString('hex');
  const handle = await open(fresh, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify({ ...latest, signature })}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, join(folder, 'latest.json'));
  await syncFolder(folder);
}

export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

function signatureOf({ header, sha256, file, end }: Latest, key: Buffer): Buffer {
  return createHmac('sha256', key)
    .update(JSON.stringify(['latest', header, sha256, file, end]))
    .digest();
}

async function endsWithLineFeed(path: string, size: number): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer[0] === 0x0a;
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
