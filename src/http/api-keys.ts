/** Making API keys. Only a hash is stored: the key itself is shown once. */

import { hash } from 'node:crypto';
import { mintId, toUuid } from '../core/ids.ts';
import type { Mode } from '../core/payment/events.ts';
import { type Pool, query } from '../db/pool.ts';
import { INSERT_API_KEY } from '../db/statements/api-keys.ts';
import type { World } from '../ops/world.ts';

/** What a merchant's key may do, if nothing else is said. */
export const SCOPES = ['payments:write', 'payments:read', 'ledger:read'] as const;
/**
 * For those who run the platform, over all merchants and both modes: given to nobody by default, and good in live
 * keys only, since those of the test mode lie around.
 */
export const PLATFORM_SCOPES = ['platform:read', 'platform:operate'] as const;
export type Scope = (typeof SCOPES)[number] | (typeof PLATFORM_SCOPES)[number];
export type KeyKind = 'secret' | 'publishable';

export type ApiKey = {
  /** `key_…` */
  id: string;
  /** `sk_test_…`: the only time that it is seen. */
  key: string;
  mode: Mode;
  kind: KeyKind;
};

const PREFIXES: Record<KeyKind, string> = { secret: 'sk', publishable: 'pk' };
const WELL_FORMED = /^[sp]k_(?:test|live)_[A-Za-z0-9_-]{43}$/;

/** A new key with 256 random bits. */
export function mintApiKey(world: World, { mode, kind }: { mode: Mode; kind: KeyKind }): ApiKey {
  const random = Buffer.from(world.randomBytes(32)).toString('base64url');
  const id = mintId('key', world.now(), world.randomBytes(10));
  return { id, key: `${PREFIXES[kind]}_${mode}_${random}`, mode, kind };
}

/** Stores the hash. `merchant` is `mer_…`; a publishable key needs no scopes, it may do what a browser may. */
export async function insertApiKey(
  pool: Pool,
  world: World,
  { id, key, mode, kind, merchant, scopes }: ApiKey & { merchant: string; scopes: readonly Scope[] },
): Promise<void> {
  const hint = `${key.slice(0, 12)}…${key.slice(-4)}`;
  const createdAt = new Date(world.now()).toISOString();
  const values = [toUuid(id), toUuid(merchant), mode, kind, scopes, hashBytes(key), hint, createdAt];
  await query(pool, INSERT_API_KEY, values);
}

export function isWellFormedKey(text: string): boolean {
  return WELL_FORMED.test(text);
}

/** What keys are found by. SHA-256 suffices: there is nothing to guess in 256 random bits. */
export function hashKey(key: string): string {
  return hash('sha256', key, 'hex');
}

function hashBytes(key: string): Buffer {
  return Buffer.from(hashKey(key), 'hex');
}
