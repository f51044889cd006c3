/** Secrets that this installation makes for itself, kept in files that only their owner may read. */

import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigProblem } from './config-problem.ts';

/** The key of the hash chain: given, or made once and kept in `chain.key`. Whoever starts first makes it for all. */
export function chainKey(dataDir: string, givenHex: string | null): Buffer {
  if (givenHex !== null) return Buffer.from(givenHex, 'hex');
  const file = join(dataDir, 'chain.key');
  const text = keptIn(dataDir, file, () => randomBytes(32).toString('hex'));
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new ConfigProblem(
      `${file} does not hold a key of 64 hexadecimal digits: restore it from a backup.`,
    );
  return Buffer.from(text, 'hex');
}

/** Of each provider account (`simulator/default`) the secrets that its webhooks may be signed with. */
export type WebhookSecrets = ReadonlyMap<string, readonly string[]>;

/** Given, or kept in `webhook-secrets.json`: made with a secret for the simulator, to be added to by hand. */
export function webhookSecrets(dataDir: string, given: WebhookSecrets | null): WebhookSecrets {
  if (given !== null) return given;
  const file = join(dataDir, 'webhook-secrets.json');
  const made = { 'simulator/default': [`whsec_${randomBytes(32).toString('base64')}`] };
  const known = readWebhookSecrets(keptIn(dataDir, file, () => JSON.stringify(made, null, 2)));
  if (known === null)
    throw new ConfigProblem(`${file} must hold a JSON object: {"provider/account": ["secret", …]}.`);
  return known;
}

/** Null where the text is something else; what it holds is never repeated. */
export function readWebhookSecrets(text: string): WebhookSecrets | null {
  try {
    const accounts = Object.entries(JSON.parse(text) as object);
    const whole = accounts.every(
      ([name, secrets]) =>
        /^[a-z0-9_-]+\/[a-z0-9_-]+$/.test(name) &&
        Array.isArray(secrets) &&
        secrets.length > 0 &&
        secrets.every((secret) => typeof secret === 'string' && secret.length > 0),
    );
    return whole ? new Map(accounts as [string, string[]][]) : null;
  } catch {
    return null;
  }
}

/** What the file holds; made once. Whoever starts first makes it for all. */
function keptIn(dataDir: string, file: string, make: () => string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const known = read(file);
  if (known !== null) return known;
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${make()}\n`, { mode: 0o600, flush: true });
  try {
    // A link fails if the name is taken: two first starts at once agree on one secret.
    linkSync(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
  const made = read(file);
  if (made === null) throw new Error(`${file} could not be written`);
  return made;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
