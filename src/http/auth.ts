/**
 * Who asks. Keys are found by their hash, so no comparison leaks where a guess went wrong; what was found is
 * kept for some seconds, within which a revoked key stops working.
 */

import { fromUuid } from '../core/ids.ts';
import { type Pool, query } from '../db/pool.ts';
import { FIND_API_KEY } from '../db/statements/api-keys.ts';
import type { Principal } from '../features/payments/types.ts';
import { LIMITS } from '../ops/limits.ts';
import type { Log } from '../ops/log.ts';
import type { World } from '../ops/world.ts';
import { hashKey, isWellFormedKey } from './api-keys.ts';
import { Refused } from './problems.ts';
import { createWindows, dropOldest } from './windows.ts';

const FRESH_MS = 5_000;
const KEPT_KEYS = 10_000;
/** Guesses are kept apart, so that they cannot push out keys that exist. */
const KEPT_GUESSES = 1_000;
const ADDRESSES = 10_000;

export type Caller = { principal: Principal; keyId: string };
export type Authenticator = { authenticate(header: string | undefined, address: string): Promise<Caller> };

type Known = { caller: Caller; freshUntilMs: number };
type Row = {
  id: string;
  merchant_id: string;
  mode: Principal['mode'];
  kind: Principal['kind'];
  scopes: string[];
};

export function createAuthenticator(deps: { pool: Pool; world: World; log: Log }): Authenticator {
  const { pool, world, log } = deps;
  const known = new Map<string, Known>();
  const guesses = new Map<string, number>();
  const lookups = new Map<string, Promise<Caller | null>>();
  const settings = { limit: LIMITS.http.unauthenticatedPerMinute, windowMs: 60_000, names: ADDRESSES };
  const failures = createWindows(world, settings);

  async function load(hash: string): Promise<Caller | null> {
    const [row] = await query<Row>(pool, FIND_API_KEY, [Buffer.from(hash, 'hex')]);
    const until = world.monotonic() + FRESH_MS;
    known.delete(hash);
    if (!row) {
      guesses.set(hash, until);
      dropOldest(guesses, KEPT_GUESSES);
      return null;
    }
    const caller = callerOf(row);
    known.set(hash, { caller, freshUntilMs: until });
    dropOldest(known, KEPT_KEYS);
    return caller;
  }

  /** Many requests that miss at once ask the database once. */
  function lookUp(hash: string): Promise<Caller | null> {
    const running = lookups.get(hash);
    if (running) return running;
    const lookup = load(hash).finally(() => lookups.delete(hash));
    lookups.set(hash, lookup);
    return lookup;
  }

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
      if (kept && world.monotonic() < kept.freshUntilMs) return kept.caller;
      const isGuess = world.monotonic() < (guesses.get(hash) ?? 0);
      // An address that guesses gets no more look-ups; keys that were seen to exist go on from there.
      if (isGuess || (!kept && failures.isFull(address))) throw refuse(address, header);
      const caller = await lookUp(hash).catch((error: unknown) => {
        log.error({ err: error }, 'API key not looked up');
        throw new Refused('database_unavailable', {}, { 'retry-after': '2' });
      });
      if (!caller) throw refuse(address, header);
      return caller;
    },
  };
}

function keyOf(header: string | undefined): string | null {
  const [, key] = /^Bearer +(\S+)$/i.exec(header ?? '') ?? [];
  return key && isWellFormedKey(key) ? key : null;
}

function callerOf({ id, merchant_id, mode, kind, scopes }: Row): Caller {
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
