/**
 * Who asks. Keys are found by their hash, so no comparison leaks where a guess went wrong; what was found is
 * kept for some seconds, within which a revoked key stops working.
 */

import { fromUuid } from '../core/ids.ts';
import type { Pool } from '../db/pool.ts';
import type { Principal } from '../features/payments/types.ts';
import { LIMITS } from '../ops/limits.ts';
import type { Log } from '../ops/log.ts';
import type { World } from '../ops/world.ts';
import { hashKey, isWellFormedKey } from './api-keys.ts';
import { createKeyLookUp, type KeyRow } from './key-look-up.ts';
import { Refused } from './problems.ts';
import { createWindows, dropOldest } from './windows.ts';

const FRESH_MS = 5_000;
/** From then on it is asked for again, and goes on being used meanwhile: nobody waits for a key that is in use. */
const RENEWED_MS = 2_500;
const KEPT_KEYS = 10_000;
const ADDRESSES = 10_000;

export type Caller = { principal: Principal; keyId: string };
export type Authenticator = { authenticate(header: string | undefined, address: string): Promise<Caller> };

type Known = { caller: Caller; freshUntilMs: number; renewAtMs: number };

export function createAuthenticator(deps: { pool: Pool; world: World; log: Log }): Authenticator {
  const { pool, world, log } = deps;
  const known = new Map<string, Known>();
  const lookUp = createKeyLookUp(pool);
  const settings = { limit: LIMITS.http.unauthenticatedPerMinute, windowMs: 60_000, names: ADDRESSES };
  const failures = createWindows(world, settings);

  async function find(hash: string): Promise<Caller | null> {
    const askedAtMs = world.monotonic();
    const row = await lookUp(hash).catch((error: unknown) => {
      if (error instanceof Refused) throw error;
      log.error({ err: error }, 'API key not looked up');
      throw new Refused('database_unavailable', {}, { 'retry-after': '2' });
    });
    known.delete(hash);
    if (!row) return null;
    const caller = callerOf(row);
    known.set(hash, { caller, freshUntilMs: askedAtMs + FRESH_MS, renewAtMs: askedAtMs + RENEWED_MS });
    dropOldest(known, KEPT_KEYS);
    return caller;
  }

  /** Once for what is known; where that fails it is asked for when it is not fresh any more. */
  function renew(hash: string, kept: Known): void {
    if (world.monotonic() < kept.renewAtMs) return;
    kept.renewAtMs = Number.POSITIVE_INFINITY;
    void find(hash).catch(() => undefined);
  }

  /** Many failures from an address are told to wait. Keys that exist pass: others may share it, behind a proxy. */
  function refuse(address: string, header: string | undefined): Refused {
    const waitSeconds = failures.hit(address);
    return waitSeconds > 0 ? tooMany(waitSeconds) : unauthenticated(header);
  }

  return {
    async authenticate(header, address) {
      const key = keyOf(header);
      if (key === null) throw refuse(address, header);
      const hash = hashKey(key);
      const kept = known.get(hash);
      if (kept && world.monotonic() < kept.freshUntilMs) {
        renew(hash, kept);
        return kept.caller;
      }
      const caller = await find(hash);
      if (!caller) throw refuse(address, header);
      return caller;
    },
  };
}

function keyOf(header: string | undefined): string | null {
  const [, key] = /^Bearer +(\S+)$/i.exec(header ?? '') ?? [];
  return key && isWellFormedKey(key) ? key : null;
}

function callerOf({ id, merchant_id, mode, kind, scopes }: KeyRow): Caller {
  const principal = { merchant: fromUuid('merchant', merchant_id), mode, kind, scopes };
  return { principal, keyId: fromUuid('key', id) };
}

function unauthenticated(header: string | undefined): Refused {
  const reason = header === undefined ? '' : ', error="invalid_token"';
  return new Refused(
    'authentication_required',
    {},
    { 'www-authenticate': `Bearer realm="truepenny"${reason}` },
  );
}

export function tooMany(waitSeconds: number): Refused {
  return new Refused('rate_limited', {}, { 'retry-after': String(waitSeconds) });
}
