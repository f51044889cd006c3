/** A whole deployment over one database: a simulator, some APIs, some workers, each a process of its own. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mintId, toUuid } from '../../src/core/ids.ts';
import { createPool, query } from '../../src/db/pool.ts';
import { INSERT_MERCHANT } from '../../src/db/statements/merchants.ts';
import { ENSURE_PARTITIONS } from '../../src/db/statements/server.ts';
import { insertApiKey, mintApiKey, SCOPES } from '../../src/http/api-keys.ts';
import { realWorld } from '../../src/ops/world.ts';
import { ANY_DIALECT_PORTS } from './dialect-ports.ts';
import { type Managed, managed, quietPort, runCommand } from './processes.ts';
import { type Provider, providerAt } from './provider.ts';

export type Merchant = { merchant: string; secretKey: string; publishableKey: string };

export type Deployment = {
  databaseUrl: string;
  dataDir: string;
  provider: Provider;
  simulator: Managed;
  apis: (Managed & { url: string })[];
  workers: Managed[];
  merchant: Merchant;
  anotherMerchant(): Promise<Merchant>;
  /** Runs a command as an operator would, over the same database. */
  command(args: string[], more?: Record<string, string>): Promise<{ code: number | null; output: string }>;
  /** Rebuilds and checks the whole database, as an operator would. */
  verify(): Promise<{ code: number | null; output: string }>;
  /** What all processes have logged. */
  logs(): string;
  stop(): Promise<void>;
};

export type DeploymentOptions = {
  databaseUrl: string;
  dataDir: string;
  apis: number;
  workers: number;
  env?: Record<string, string>;
};

/**
 * Short, so that a test that lets it run out is over soon, and long enough for a busy machine. A lease is this
 * and three seconds.
 */
const PROVIDER_TIMEOUT_MS = 1_000;

/** Everything is started except the workers: a test says when somebody begins to tidy up. */
export async function deploy(options: DeploymentOptions): Promise<Deployment> {
  const { databaseUrl, dataDir } = options;
  await mkdir(join(dataDir, 'logs'), { recursive: true });
  const merchant = await makeMerchant(databaseUrl);
  const simulatorPort = await quietPort();
  const env = {
    DATABASE_URL: databaseUrl,
    TRUEPENNY_DATA_DIR: dataDir,
    TRUEPENNY_SIMULATOR_PORT: String(simulatorPort),
    ...ANY_DIALECT_PORTS,
    TRUEPENNY_PROVIDER_TIMEOUT_MS: String(PROVIDER_TIMEOUT_MS),
    TRUEPENNY_ALLOW_UNSAFE_DATABASE: '1',
    ...options.env,
  };
  const processOf = (
    name: string,
    command: 'api' | 'worker' | 'simulator',
    more: object,
    url: string | null,
  ) =>
    managed({
      name,
      command,
      env: { ...env, ...more },
      logFile: join(dataDir, 'logs', `${name}.log`),
      readyUrl: url === null ? null : `${url}/health/ready`,
    });
  const simulatorUrl = `http://127.0.0.1:${simulatorPort}`;
  const simulator = processOf('simulator', 'simulator', {}, simulatorUrl);
  const apis = await Promise.all(
    numbers(options.apis).map(async (n) => {
      const port = await quietPort();
      const url = `http://127.0.0.1:${port}`;
      return { ...processOf(`api-${n}`, 'api', { TRUEPENNY_PORT: String(port) }, url), url };
    }),
  );
  const workers = numbers(options.workers).map((n) => processOf(`worker-${n}`, 'worker', {}, null));
  const all = [...apis, ...workers, simulator];
  await Promise.all([simulator, ...apis].map((one) => one.start()));
  return {
    databaseUrl,
    dataDir,
    provider: providerAt(simulatorUrl),
    simulator,
    apis,
    workers,
    merchant,
    anotherMerchant: () => makeMerchant(databaseUrl),
    command: (args, more = {}) => runCommand(args, { ...env, ...more }),
    verify: () => runCommand(['verify'], env),
    logs: () => all.map((one) => one.log()).join(''),
    stop: async () => {
      await Promise.all(all.map((one) => one.end('SIGKILL')));
    },
  };
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n + 1);
}

async function makeMerchant(databaseUrl: string): Promise<Merchant> {
  const world = realWorld();
  const pool = createPool(databaseUrl, { name: 'truepenny test', max: 1 });
  try {
    const now = new Date(world.now()).toISOString();
    await query(pool, ENSURE_PARTITIONS, [now, 1]);
    const merchant = mintId('merchant', world.now(), world.randomBytes(10));
    await query(pool, INSERT_MERCHANT, [toUuid(merchant), 'Test merchant', 'own', now]);
    const keyOf = async (kind: 'secret' | 'publishable') => {
      const key = mintApiKey(world, { mode: 'test', kind });
      await insertApiKey(pool, world, { ...key, merchant, scopes: SCOPES });
      return key.key;
    };
    return { merchant, secretKey: await keyOf('secret'), publishableKey: await keyOf('publishable') };
  } finally {
    await pool.end();
  }
}
