/**
 * The journal: the books on disk as lines of JSON, appended before an answer is given, replayed at the start.
 *
 * Writes of one turn go out together. They reach the operating system and are not forced to the disk: the
 * books survive the death of this process, not of the machine.
 */

import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export type Journal = {
  append(row: object): void;
  /** True while the disk has refused so much that no more work may be taken on. */
  full(): boolean;
  /** Calls back once all that was appended is written, at once when it is; with the error when it cannot be. */
  flushed(done: (error: Error | null) => void): void;
  /** Replaces the whole content. */
  rewrite(rows: Iterable<object>): void;
  close(): void;
};

/** `tornBytes`: what a crash left of a last line that was never answered; it has been cut off. */
export type Replay = { lines: number; bytes: number; tornBytes: number };

const FILE = 'simulator-journal.jsonl';
const CHUNK = 1024 * 1024;
/** Beyond this much that cannot be written, new work is refused until the disk takes it. */
const MAX_BACKLOG = 64 * 1024 * 1024;

/** @throws when a line other than a torn last one cannot be read, naming the file, the line and the remedy. */
export function openJournal(
  dir: string,
  defer: (fn: () => void) => void,
  onRow: (row: object) => void,
): { journal: Journal; replay: Replay } {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, FILE);
  const replay = existsSync(path) ? replayFile(path, onRow) : { lines: 0, bytes: 0, tornBytes: 0 };
  return { journal: writer(path, defer), replay };
}

function writer(path: string, defer: (fn: () => void) => void): Journal {
  let file = openSync(path, 'a');
  let pending: Buffer[] = [];
  let backlog = 0;
  let waiting: ((error: Error | null) => void)[] = [];
  let scheduled = false;

  function flush(): void {
    scheduled = false;
    const error = attempt(() => {
      pending = writeOut(file, pending);
      backlog = pending.reduce((sum, part) => sum + part.length, 0);
    });
    const told = waiting;
    waiting = [];
    for (const done of told) done(error);
  }

  return {
    append(row) {
      const line = Buffer.from(`${JSON.stringify(row)}\n`);
      pending.push(line);
      backlog += line.length;
    },
    full: () => backlog > MAX_BACKLOG,
    flushed(done) {
      if (backlog === 0) return done(null);
      waiting.push(done);
      if (!scheduled) defer(flush);
      scheduled = true;
    },
    rewrite(rows) {
      writeAside(`${path}.new`, rows);
      renameSync(`${path}.new`, path);
      closeSync(file);
      file = openSync(path, 'a');
      pending = [];
      backlog = 0;
    },
    close() {
      flush();
      closeSync(file);
    },
  };
}

/** Writes all, or keeps what is left: a disk that was full for a while must not leave half a line behind. */
function writeOut(file: number, parts: Buffer[]): Buffer[] {
  let rest = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  parts.length = 0;
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(file, rest));
  } finally {
    if (rest.length > 0) parts.push(rest);
  }
  return parts;
}

function writeAside(path: string, rows: Iterable<object>): void {
  const file = openSync(path, 'w');
  let lines: string[] = [];
  const flush = () => {
    writeOut(file, [Buffer.from(lines.join(''))]);
    lines = [];
  };
  for (const row of rows) {
    lines.push(`${JSON.stringify(row)}\n`);
    if (lines.length === 1000) flush();
  }
  flush();
  fsyncSync(file);
  closeSync(file);
}

function replayFile(path: string, onRow: (row: object) => void): Replay {
  const file = openSync(path, 'r+');
  const chunk = Buffer.allocUnsafe(CHUNK);
  let rest = Buffer.alloc(0);
  let lines = 0;
  let bytes = 0;
  for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
    const text = Buffer.concat([rest, chunk.subarray(0, read)]);
    const end = text.lastIndexOf(10) + 1;
    for (const line of text.toString('utf8', 0, end).split('\n')) {
      if (line === '') continue;
      lines += 1;
      onRow(parseLine(path, lines, line));
    }
    bytes += end;
    rest = text.subarray(end);
  }
  if (rest.length > 0) ftruncateSync(file, bytes);
  closeSync(file);
  return { lines, bytes, tornBytes: rest.length };
}

function parseLine(path: string, number: number, line: string): object {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(
      `Line ${number} of ${path} cannot be read. Move the file away to start with empty books, or restore it.`,
    );
  }
}

function attempt(work: () => void): Error | null {
  try {
    work();
    return null;
  } catch (error) {
    return error as Error;
  }
}
