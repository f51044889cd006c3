/**
 * Keys that are not in memory are asked for together, one statement at a time: however many unknown keys come in, the
 * database answers one process one question, and a key that exists waits its turn rather than being turned away.
 */

import { type Pool, query } from '../db/pool.ts';
import { FIND_API_KEYS } from '../db/statements/api-keys.ts';
import type { Principal } from '../features/payments/types.ts';
import { LIMITS } from '../ops/limits.ts';
import { Refused } from './problems.ts';

export type KeyRow = {
  hash: string;
  id: string;
  merchant_id: string;
  mode: Principal['mode'];
  kind: Principal['kind'];
  scopes: string[];
};

/** By the key's hash; null: there is no such key. Many requests that ask for the same one ask once. */
export function createKeyLookUp(pool: Pool): (hash: string) => Promise<KeyRow | null> {
  const waiting = new Map<string, PromiseWithResolvers<KeyRow | null>>();
  const { lookUps, lookUpBatch } = LIMITS.http;

  async function askForAll(): Promise<void> {
    while (waiting.size > 0) {
      const hashes = waiting.keys().take(lookUpBatch).toArray();
      try {
        const rows = await query<KeyRow>(pool, FIND_API_KEYS, [
          hashes.map((hash) => Buffer.from(hash, 'hex')),
        ]);
        const found = new Map(rows.map((row) => [row.hash, row]));
        for (const hash of hashes) end(hash)?.resolve(found.get(hash) ?? null);
      } catch (error) {
        // The next question would fail as well, perhaps after a long wait.
        for (const hash of [...waiting.keys()]) end(hash)?.reject(error);
      }
    }
  }

  function end(hash: string): PromiseWithResolvers<KeyRow | null> | undefined {
    const asked = waiting.get(hash);
    waiting.delete(hash);
    return asked;
  }

  return async (hash) => {
    const same = waiting.get(hash);
    if (same) return same.promise;
    if (waiting.size >= lookUps) throw new Refused('overloaded', {}, { 'retry-after': '2' });
    const asked = Promise.withResolvers<KeyRow | null>();
    waiting.set(hash, asked);
    if (waiting.size === 1) void askForAll();
    return asked.promise;
  };
}
