/** `npm start`: everything for a first look, and a first payment through its whole life. Goes on serving. */

import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createPool } from '../db/pool.ts';
import { CLAIM_START } from '../db/statements/server.ts';
import { checkedWebhookSecrets } from '../main.ts';
import type { Config } from '../ops/config.ts';
import { chainKey } from '../ops/secrets.ts';
import { realWorld } from '../ops/world.ts';
import {
  aborted,
  configuration,
  openDatabase,
  Problem,
  portProblem,
  prepareDatabase,
  untilStopped,
} from './context.ts';
import { demoCredentials } from './credentials.ts';
import { firstPayment } from './first-payment.ts';
import { type Child, logFile, type SupervisorOptions, supervise } from './supervisor.ts';

const READY_MS = 30_000;

export async function run(): Promise<number> {
  const config = configuration();
  const signal = untilStopped();
  makeDataDir(config);
  await freePort(config.port, 'TRUEPENNY_PORT');
  await freePort(config.simulatorPort, 'TRUEPENNY_SIMULATOR_PORT');
  if (config.workerPort !== null) await freePort(config.workerPort, 'TRUEPENNY_WORKER_PORT');
  for (const [name, port] of Object.entries(config.simulatorDialectPorts)) {
    if (port !== 0) await freePort(port, `TRUEPENNY_SIMULATOR_${name.toUpperCase()}_PORT`);
  }
  chainKey(config.dataDir, config.chainKeyHex);
  const webhooks = await webhooksOfSimulator(config);
  const database = await openDatabase(config, say);
  const giveBack = config.databaseUrl === null ? await claimDataDir(database.url) : null;
  const env = { DATABASE_URL: database.url, ...webhooks };
  const children: Child[] = [];
  try {
    await prepareDatabase(database.url, config);
    const { credentials, fresh } = await withCredentials(database.url, config);
    const options = {
      logDir: join(config.dataDir, 'logs'),
      env,
      say,
      onDeath: () => database.revive().catch(complain),
    };
    children.push(...['simulator', 'api', 'worker'].map((name) => supervise(name, options)));
    const up = await ready(config, options, signal);
    if (up) {
      const { simulatorUrl, publicUrl, dataDir } = config;
      await firstPayment({
        api: `http://127.0.0.1:${config.port}`,
        simulatorUrl,
        publicUrl,
        dataDir,
        credentials,
        fresh,
        say,
      });
      await watchDatabase(database, signal);
    }
    return up || signal.aborted ? 0 : 1;
  } finally {
    if (children.length > 0) say('\nStopping: finishing what is under way …');
    const [simulator, ...others] = children;
    await Promise.all(others.map((child) => child.stop()));
    await simulator?.stop();
    await giveBack?.();
    await database.stop?.();
    if (children.length > 0) say('Stopped. The data is kept.');
  }
}

/**
 * Two of these on one data folder would stop each other's database, and each simulator would have half of the books. The
 * lock is the connection's: it goes with the process, however that ends.
 */
async function claimDataDir(url: string): Promise<() => Promise<void>> {
  const pool = createPool(url, { name: 'truepenny start', max: 1 });
  const client = await pool.connect();
  client.on('error', () => undefined); // The database died; who sees to that is told elsewhere.
  const giveBack = () => {
    client.release(true);
    return pool.end();
  };
  const { rows } = await client.query<{ ours: boolean }>(CLAIM_START);
  if (rows[0]?.ours) return giveBack;
  await giveBack();
  throw new Problem(
    'Truepenny is running on this data folder already.',
    'Use it, or stop it with Ctrl-C. For another beside it choose a folder of its own: TRUEPENNY_DATA_DIR=/path.',
  );
}

/** The simulator tells the API what happens, as a provider would. */
async function webhooksOfSimulator(config: Config): Promise<Record<string, string>> {
  const [secret] = (await checkedWebhookSecrets(config)).get('simulator/default') ?? [];
  if (secret === undefined) return {};
  return {
    TRUEPENNY_SIMULATOR_WEBHOOK_URL: `http://127.0.0.1:${config.port}/webhooks/simulator/default`,
    TRUEPENNY_SIMULATOR_WEBHOOK_SECRET: secret,
  };
}

async function withCredentials(url: string, config: Config): ReturnType<typeof demoCredentials> {
  const pool = createPool(url, { name: 'truepenny start', max: 1 });
  try {
    return await demoCredentials(pool, realWorld(), config.dataDir);
  } finally {
    await pool.end();
  }
}

/** The embedded server is asked after every second: one that died is started again, and said so. */
async function watchDatabase(
  database: Awaited<ReturnType<typeof openDatabase>>,
  signal: AbortSignal,
): Promise<void> {
  const stopped = aborted(signal);
  while (!signal.aborted) {
    await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
    if (!signal.aborted) await database.revive().catch(complain);
  }
}

/** Asks until payments can be taken; false when told to stop, or when it takes too long. */
async function ready(config: Config, options: SupervisorOptions, signal: AbortSignal): Promise<boolean> {
  const until = performance.now() + READY_MS;
  const urls = [`http://127.0.0.1:${config.port}/health/ready`, `${config.simulatorUrl}/health/ready`];
  while (performance.now() < until && !signal.aborted) {
    const answers = await Promise.all(
      urls.map((url) =>
        fetch(url).then(
          (r) => r.ok,
          () => false,
        ),
      ),
    );
    if (answers.every(Boolean)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (!signal.aborted)
    say(
      `The API was not ready within ${READY_MS / 1000} s. Its log has the reason: ${logFile('api', options.logDir)}`,
    );
  return false;
}

/** Before anything is started: what is taken is said at once, not by a process that dies later. */
function freePort(port: number, variable: string): Promise<void> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(portProblem(error, port, variable)));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
}

function makeDataDir({ dataDir }: Config): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC')
      throw new Problem(
        'The disk is full.',
        'Free some space, or choose another place: TRUEPENNY_DATA_DIR=/path.',
      );
    throw new Problem(
      `The data folder ${dataDir} cannot be made (${code}).`,
      'Choose a folder that you may write: TRUEPENNY_DATA_DIR=/path.',
    );
  }
}

function complain(error: unknown): void {
  if (!(error instanceof Problem)) throw error;
  say(`${error.message} ${error.remedy}`);
}

function say(message: string): void {
  console.log(message);
}
