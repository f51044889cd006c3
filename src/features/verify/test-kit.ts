/** Payments of every kind made through the real flow, and copies of them for an intruder to work on. */

import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { administer, type TestDatabase, testDatabase, withDatabase } from '../../../test/support/database.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../test/support/folder.ts';
import { inProcessProvider } from '../../../test/support/in-process-provider.ts';
import { request, sale, type TestPlatform, testMerchant } from '../../../test/support/platform.ts';
import type { Connector, ProviderRequest } from '../../connectors/port.ts';
import { decline } from '../../core/declines.ts';
import { toUuid } from '../../core/ids.ts';
import type { Outcome } from '../../core/outcome.ts';
import { createPool, type Pool, query } from '../../db/pool.ts';
import { EVENTS_SINCE } from '../../db/statements/digest.ts';
import { TAKE_CHECKPOINT } from '../../db/statements/ledger.ts';
import type { VerifiedEvent } from '../../db/statements/verify.ts';
import { chainHash, GENESIS } from '../../flow/chain.ts';
import { handle } from '../../flow/handle.ts';
import { createPlatform, type Platform } from '../../main.ts';
import { readConfig } from '../../ops/config.ts';
import { createLog, type Log } from '../../ops/log.ts';
import { realWorld, type World } from '../../ops/world.ts';
import { takeDigest } from './digest.ts';
import { type Report, verifyDatabase } from './verify.ts';

export const WORLD: World = realWorld();
export const SILENT: Log = createLog({ name: 'test', level: 'silent' });
export const CHAIN_KEY = Buffer.alloc(32, 7);
const WAIT = { timeout: 10_000, interval: 20 };
export const STRANGERS_KEY = Buffer.alloc(32, 8);

/** A database to make payments in. */
export type Fixture = {
  platform: Platform;
  /** What `request` of the support takes. */
  asker: TestPlatform;
  database: TestDatabase;
  folder: TemporaryFolder;
};

export async function fixture(): Promise<Fixture> {
  const database = await testDatabase();
  const folder = await temporaryFolder('verify');
  const env = { TRUEPENNY_DATA_DIR: folder.path, TRUEPENNY_CHAIN_KEY: CHAIN_KEY.toString('hex') };
  const platform = await createPlatform(readConfig(env), {
    name: 'test',
    databaseUrl: database.url,
    connector: moodyProvider(),
    log: SILENT,
  });
  const principal = await testMerchant(platform);
  return { platform, asker: { platform, principal } as TestPlatform, database, folder };
}

export type Made = {
  /** Sold, and refunded in part: the events that most tests change. */
  refunded: string;
  sold: string;
  /** Authorised, captured in part, the rest still capturable. */
  captured: string;
  voided: string;
  declined: string;
  unknown: string;
  challenged: string;
  unpaid: string;
  /** With an exception: the provider refunded what nobody asked for. */
  excepted: string;
};

export async function makePayments({ platform, asker }: Fixture, round: string): Promise<Made> {
  const { payments } = platform;
  const create = async (name: string, input: object) => {
    const reply = await payments.create(request(asker, `${round}/${name}`, input as never));
    if (reply.status >= 300) throw new Error(`${name}: ${JSON.stringify(reply.body)}`);
    return (reply.body as { id: string }).id;
  };
  const manual = { capture_method: 'manual' };
  const made: Made = {
    refunded: await create('refunded', sale('tok_approve', { reference: `${round}-1` })),
    sold: await create('sold', sale('tok_approve')),
    captured: await create('captured', sale('tok_approve', manual)),
    voided: await create('voided', sale('tok_approve', manual)),
    declined: await create('declined', sale('tok_decline')),
    unknown: await create('unknown', sale('tok_unknown')),
    challenged: await create('challenged', sale('tok_3ds')),
    unpaid: await create('unpaid', sale('tok_approve', { confirm: false })),
    excepted: await create('excepted', sale('tok_approve')),
  };
  const refund = { payment: made.refunded, amount: 500, reason: 'too large', metadata: {} };
  await payments.refund(request(asker, `${round}/refund`, refund));
  const capture = { payment: made.captured, amount: 1000, final: false };
  await payments.capture(request(asker, `${round}/capture`, capture));
  await payments.void(request(asker, `${round}/void`, { payment: made.voided }));
  await reportRefund(platform, made.excepted);
  return made;
}

/** A provider's notice of a refund that nobody here asked for. */
async function reportRefund({ deps }: Platform, payment: string): Promise<void> {
  const { rows } = await deps.pool.query('select state from payments where id = $1', [toUuid(payment)]);
  const attempt = JSON.parse(rows[0].state).attempts[0].id as string;
  const told = { provider_at: null, received_at: new Date(WORLD.now()).toISOString() };
  const movement = `re_${attempt}`;
  const fact = { kind: 'refunded' as const, attempt, movement, operation: null, amount: 100, ...told };
  await handle(deps, { payment, command: { type: 'record_fact', fact }, correlation: 'a'.repeat(32) });
}

/** The payments, their checkpoints and digests, with nobody connected: to be copied. */
export type Original = { made: Made; fresh: Made; url: string; digests: string; drop(): Promise<void> };

export async function original(): Promise<Original> {
  const made = await fixture();
  const { platform, database, folder } = made;
  const digests = join(folder.path, 'digests');
  const { pool } = platform.deps;
  await attestAll(pool, digests, 2);
  const first = await makePayments(made, 'first');
  await checkpointAll(pool);
  await attestAll(pool, digests, 1);
  await makePayments(made, 'second');
  await checkpointAll(pool);
  await attestAll(pool, digests, 0);
  // Newer than the last digest.
  const fresh = await makePayments(made, 'fresh');
  await platform.close();
  const drop = async () => {
    await database.drop();
    await folder.remove();
  };
  return { made: first, fresh, url: database.url, digests, drop };
}

/** Takes digests until all is attested: transactions of other tests in the cluster hold up the horizon. */
export async function attestAll(pool: Pool, folder: string, daysAgo = 0): Promise<void> {
  const world = { ...WORLD, now: () => WORLD.now() - daysAgo * 24 * 3600_000 };
  await vi.waitFor(async () => {
    const result = await takeDigest({ pool, world, log: SILENT, folder, key: CHAIN_KEY });
    const to = result.kind === 'taken' ? result.latest?.header.to : null;
    if (!to || !('xid' in to)) throw new Error('no digest');
    const [newer] = await query<{ count: number }>(pool, EVENTS_SINCE, [to.xid, to.position, 1]);
    expect(newer?.count).toBe(0);
  }, WAIT);
}

async function checkpointAll(pool: Pool): Promise<void> {
  const newest = 'select max(xid)::text as xid from journals';
  const covered = 'select coalesce(max(horizon), $1::xid8) > $1::xid8 as covered from balance_horizons';
  const { rows } = await pool.query(newest);
  await vi.waitFor(async () => {
    await query(pool, TAKE_CHECKPOINT, [new Date(WORLD.now()).toISOString(), 1]);
    expect((await pool.query(covered, [rows[0].xid])).rows[0].covered).toBe(true);
  }, WAIT);
}

/** A copy of a database and of its digests. */
export type Copy = {
  pool: Pool;
  digests: string;
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  verify(options?: object): Promise<Report>;
  drop(): Promise<void>;
};

export async function copyOf(source: Pick<Original, 'url' | 'digests'>): Promise<Copy> {
  const folder = await temporaryFolder('verify-copy');
  const name = `truepenny_copy_${Buffer.from(WORLD.randomBytes(6)).toString('hex')}`;
  const template = new URL(source.url).pathname.slice(1);
  await administer(source.url, `create database ${name} template ${template} strategy file_copy`);
  const pool = createPool(withDatabase(source.url, name), { name: 'test' });
  const digests = join(folder.path, 'digests');
  await mkdir(digests);
  await cp(source.digests, digests, { recursive: true });
  return {
    pool,
    digests,
    sql: async (text, values) => (await pool.query(text, values)).rows,
    verify: (options = {}) =>
      verifyDatabase({ pool, chainKey: CHAIN_KEY, digestFolder: digests, world: WORLD, ...options }),
    drop: async () => {
      await pool.end();
      await administer(source.url, `drop database ${name} with (force)`);
      await folder.remove();
    },
  };
}

/** Writes all hashes of a stream anew, and the snapshot's head: as who has written events would. */
export async function rehash({ pool }: Pick<Copy, 'pool'>, payment: string, key: Buffer): Promise<void> {
  const uuid = toUuid(payment);
  const { rows } = await pool.query<VerifiedEvent>(
    'select * from events where payment_id = $1 order by version',
    [uuid],
  );
  let head = GENESIS;
  for (const row of rows) {
    head = chainHash(key, head, { ...row, payment: uuid });
    await pool.query('update events set hash = $3 where payment_id = $1 and version = $2', [
      uuid,
      row.version,
      head,
    ]);
  }
  await pool.query('update payments set head = $2, version = $3 where id = $1', [uuid, head, rows.length]);
}

/** Approves, but for the tokens that ask for something else. */
function moodyProvider(): Connector {
  const provider = inProcessProvider({ world: WORLD });
  return {
    ...provider,
    async perform(request, trace) {
      const answer = await provider.perform(request, trace);
      return { ...answer, outcome: outcomeFor(request) ?? answer.outcome };
    },
  };
}

function outcomeFor(request: ProviderRequest): Outcome | null {
  if (request.kind !== 'authorize') return null;
  const provider_reference = `ch_${request.attempt}`;
  if (!('token' in request.paymentMethod)) return null;
  switch (request.paymentMethod.token) {
    case 'tok_decline':
      return {
        kind: 'declined',
        decline: decline('do_not_honor', '05'),
        provider_reference,
        provider_at: null,
      };
    case 'tok_unknown':
      return { kind: 'unknown', reason: 'timeout' };
    case 'tok_3ds': {
      const action = { type: 'redirect' as const, url: 'http://127.0.0.1:9/challenge' };
      return { kind: 'requires_action', provider_reference, action, answered: false };
    }
    default:
      return null;
  }
}
