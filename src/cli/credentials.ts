/** The demo merchant and its test keys: made at the first start, found again in `credentials.json`. */

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isId, mintId, toUuid } from '../core/ids.ts';
import { type Pool, query } from '../db/pool.ts';
import { INSERT_MERCHANT, MERCHANT_EXISTS } from '../db/statements/merchants.ts';
import { insertApiKey, mintApiKey, SCOPES } from '../http/api-keys.ts';
import type { World } from '../ops/world.ts';
import { Problem } from './context.ts';

export type Credentials = { merchant: string; secretKey: string; publishableKey: string };

export async function demoCredentials(
  pool: Pool,
  world: World,
  dataDir: string,
): Promise<{ credentials: Credentials; fresh: boolean }> {
  const file = `${dataDir}/credentials.json`;
  const known = read(file);
  if (known && (await query(pool, MERCHANT_EXISTS, [toUuid(known.merchant)])).length > 0)
    return { credentials: known, fresh: false };
  const credentials = await make(pool, world);
  writeFileSync(`${file}.new`, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
  return { credentials, fresh: true };
}

export function read(file: string): Credentials | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const credentials = parse(text);
  if (credentials) return credentials;
  throw new Problem(
    `${file} does not hold the demo merchant and its keys.`,
    'Delete it: the next start makes a new demo merchant and new keys.',
  );
}

/** Null for what a torn disk or a slip of the hand has left. */
function parse(text: string): Credentials | null {
  try {
    const { merchant, secretKey, publishableKey } = JSON.parse(text) as Record<string, unknown>;
    const whole = typeof merchant === 'string' && isId('merchant', merchant);
    if (!whole || typeof secretKey !== 'string' || typeof publishableKey !== 'string') return null;
    return { merchant, secretKey, publishableKey };
  } catch {
    return null;
  }
}

async function make(pool: Pool, world: World): Promise<Credentials> {
  const merchant = mintId('merchant', world.now(), world.randomBytes(10));
  const now = new Date(world.now()).toISOString();
  await query(pool, INSERT_MERCHANT, [toUuid(merchant), 'Demo merchant', 'own', now]);
  const secret = mintApiKey(world, { mode: 'test', kind: 'secret' });
  const publishable = mintApiKey(world, { mode: 'test', kind: 'publishable' });
  for (const key of [secret, publishable])
    await insertApiKey(pool, world, { ...key, merchant, scopes: SCOPES });
  return { merchant, secretKey: secret.key, publishableKey: publishable.key };
}
