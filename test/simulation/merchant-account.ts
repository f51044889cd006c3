/** The merchant of a seed, in the database: some are told by webhook what happens to their payments. */

import { fromUuid, mintId, toUuid } from '../../src/core/ids.ts';
import { type Pool, query } from '../../src/db/pool.ts';
import { INSERT_MERCHANT } from '../../src/db/statements/merchants.ts';
import { seal } from '../../src/features/notifications/secret.ts';
import type { Principal } from '../../src/flow/caller.ts';
import { realWorld } from '../../src/ops/world.ts';
import { CHAIN_KEY, ENDPOINT_SECRET } from './process.ts';
import { randomOf } from './scheduler.ts';

const ENDPOINT = '00000000-0000-7000-8000-000000000001';

const INSERT_ENDPOINT = `insert into webhook_endpoints (id, merchant_id, mode, url, events, ordered, status, secret,
    created_at, updated_at)
  values ($1, $2, 'test', 'http://merchant.simulation/', $6, $3, 'enabled', $4, $5, $5)`;

/** Some want to hear of every step, some of what moved money, some of what their customer waits for. */
const FILTERS = [
  ['*'],
  ['capture.*', 'refund.*', 'dispute.*'],
  ['payment.authorization_approved', 'payment.authorization_failed'],
];

/** `endpoint`: it wants to be told. */
export type Account = { principal: Principal; endpoint: boolean };

export async function makeMerchant(pool: Pool, seed: number, nowMs: number): Promise<Account> {
  const random = randomOf(seed, 'merchant');
  const randomBytes = (length: number) => Uint8Array.from({ length }, () => random.between(0, 255));
  const merchant = mintId('merchant', nowMs, randomBytes(10));
  const now = new Date(nowMs).toISOString();
  await query(pool, INSERT_MERCHANT, [toUuid(merchant), 'Simulated', random.pick(['own', 'held']), now]);
  const endpoint = random.chance(0.4);
  if (endpoint) {
    const world = { ...realWorld(), randomBytes };
    const secret = seal(CHAIN_KEY, world, fromUuid('endpoint', ENDPOINT), ENDPOINT_SECRET);
    await pool.query(INSERT_ENDPOINT, [
      ENDPOINT,
      toUuid(merchant),
      random.chance(0.5),
      secret,
      now,
      random.pick(FILTERS),
    ]);
  }
  return { principal: { merchant, mode: 'test', kind: 'secret', scopes: [] }, endpoint };
}
