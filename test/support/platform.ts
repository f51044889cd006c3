/** A whole platform for one test file: a database of its own, a simulator of its own, everything real. */

import { mkdir } from 'node:fs/promises';
import type { Connector } from '../../src/connectors/port.ts';
import { mintId, toUuid } from '../../src/core/ids.ts';
import { query } from '../../src/db/pool.ts';
import { INSERT_MERCHANT } from '../../src/db/statements/merchants.ts';
import { ENSURE_PARTITIONS } from '../../src/db/statements/server.ts';
import type { Principal } from '../../src/flow/caller.ts';
import { createPlatform, type Platform, type PlatformOptions } from '../../src/main.ts';
import { readConfig } from '../../src/ops/config.ts';
import { createLog } from '../../src/ops/log.ts';
import { newTrace } from '../../src/ops/trace.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { testDatabase } from './database.ts';
import { temporaryFolder } from './folder.ts';

export type TestPlatform = {
  platform: Platform;
  principal: Principal;
  /** A second process over the same database and simulator, as far as that can be inside one. */
  another(connector?: Connector): Promise<Platform>;
  simulatorUrl: string;
  databaseUrl: string;
  dataDir: string;
  close(): Promise<void>;
};

export async function testPlatform(
  options: Partial<PlatformOptions> & { env?: Record<string, string> } = {},
): Promise<TestPlatform> {
  const folder = await temporaryFolder('platform');
  const database = await testDatabase();
  await mkdir(`${folder.path}/simulator`, { recursive: true });
  const simulator = await startSimulator({ port: 0, host: '127.0.0.1', dataDir: `${folder.path}/simulator` });
  const config = readConfig({
    TRUEPENNY_DATA_DIR: folder.path,
    TRUEPENNY_SIMULATOR_URL: simulator.url,
    TRUEPENNY_PROVIDER_TIMEOUT_MS: '1000',
    ...options.env,
  });
  const open: Platform[] = [];
  const another = async (connector?: Connector) => {
    const log = options.log ?? createLog({ name: 'test', level: process.env['TEST_LOG'] ?? 'silent' });
    const chosen = connector ? { ...options, connector } : options;
    const platform = await createPlatform(config, {
      name: 'test',
      databaseUrl: database.url,
      ...chosen,
      log,
    });
    open.push(platform);
    return platform;
  };
  const platform = await another();
  const principal = await testMerchant(platform);
  return {
    platform,
    principal,
    another,
    simulatorUrl: simulator.url,
    databaseUrl: database.url,
    dataDir: folder.path,
    close: async () => {
      await Promise.all(open.map((p) => p.close()));
      await simulator.close();
      await database.drop();
      await folder.remove();
    },
  };
}

export async function testMerchant({ deps }: Platform, funds: 'own' | 'held' = 'own'): Promise<Principal> {
  const now = new Date(deps.world.now()).toISOString();
  const merchant = mintId('merchant', deps.world.now(), deps.world.randomBytes(10));
  await query(deps.pool, ENSURE_PARTITIONS, [now, 1]);
  await query(deps.pool, INSERT_MERCHANT, [toUuid(merchant), 'Test merchant', funds, now]);
  return {
    merchant,
    mode: 'test',
    kind: 'secret',
    scopes: ['payments:write', 'payments:read', 'ledger:read'],
  };
}

/** A request as the HTTP layer hands it over; the fingerprint is the key's unless given. */
export function request<Input>(test: TestPlatform, key: string, input: Input, fingerprint = `POST|${key}`) {
  return {
    principal: test.principal,
    idempotencyKey: key,
    fingerprint,
    ...newTrace(test.platform.deps.world),
    input,
  };
}

export const DETAILS = {
  description: null,
  metadata: {},
  return_url: null,
  customer: null,
  channel: null,
  billing_country: null,
};

export function sale(token: string, more: object = {}) {
  return {
    amount: 4200,
    currency: 'EUR',
    capture_method: 'automatic' as const,
    confirm: true,
    allow_partial_authorization: false,
    payment_method: { type: 'card' as const, token },
    off_session: false,
    provider_account: null,
    reference: null,
    details: DETAILS,
    ...more,
  };
}
