/** Secrets that this installation makes for itself, kept in files that only their owner may read. */

import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The key of the hash chain: given, or made once and kept in `chain.key`. Whoever starts first makes it for all. */
export function chainKey(dataDir: string, givenHex: string | null): Buffer {
  if (givenHex !== null) return Buffer.from(givenHex, 'hex');
  const file = join(dataDir, 'chain.key');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const known = read(file);
  if (known) return known;
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flush: true });
  try {
    // A link fails if the name is taken: two first starts at once agree on one key.
    linkSync(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
  const made = read(file);
  if (!made) throw new Error(`${file} could not be written`);
  return made;
}

function read(file: string): Buffer | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new Error(`${file} does not hold a key of 64 hexadecimal digits; restore it from a backup`);
  return Buffer.from(text, 'hex');
}
