/** The composition root: everything is put together here, and nowhere else. */

import type { Accounts, Connector } from './connectors/port.ts';
import { createAccounts } from './connectors/registry.ts';
import { readClock } from './db/clock.ts';
import { fundsOf } from './db/merchants.ts';
import { createCommitPool, createPool, type Pool, query, type Statement } from './db/pool.ts';
import { FORGET_KEYS, THIN_CHECKPOINTS } from './db/statements/housekeeping.ts';
import { FORGET_DELIVERIES } from './db/statements/inbox.ts';
import { FORGET_PAYLOADS } from './db/statements/payloads.ts';
import { CLOCK, ENSURE_PARTITIONS } from './db/statements/server.ts';
import { createLedger, takeCheckpoint } from './features/ledger/ledger.ts';
import type { Ledger } from './features/ledger/types.ts';
import { createNotifications } from './features/notifications/notifications.ts';
import type { NotificationDeps, Notifications } from './features/notifications/types.ts';
import { createPayments } from './features/payments/payments.ts';
import type { Payments } from './features/payments/types.ts';
import { kafkaSink } from './features/stream/kafka.ts';
import type { EventSink } from './features/stream/sink.ts';
import { createProviderWebhooks } from './features/webhooks/operate.ts';
import { createInbox, type Inbox } from './features/webhooks/receive.ts';
import type { ProviderWebhooks } from './features/webhooks/types.ts';
import { createCommitter } from './flow/commit.ts';
import { type FlowDeps, readerOf } from './flow/deps.ts';
import { createStreams } from './flow/streams.ts';
import { createProblems } from './http/problems.ts';
import type { Config } from './ops/config.ts';
import { ConfigProblem } from './ops/config-problem.ts';
import { LIMITS } from './ops/limits.ts';
import { createLog, type Log } from './ops/log.ts';
import { createMetrics } from './ops/metrics.ts';
import { chainKey, type WebhookSecrets, webhookSecrets } from './ops/secrets.ts';
import { realWorld } from './ops/world.ts';

export type Platform = {
  deps: FlowDeps;
  payments: Payments;
  ledger: Ledger;
  /** Where providers' webhooks come in. */
  inbox: Inbox;
  /** Looking into what came in, and replaying it. */
  providerWebhooks: ProviderWebhooks;
  /** Webhooks to merchants: what the API asks for, and what the worker needs. */
  notifications: Notifications;
  notifying: NotificationDeps;
  /** Where the event stream goes; null: nowhere. Connects when it is first used. */
  sink: EventSink | null;
  log: Log;
  /** Whether payments can be taken: the database answers. */
  ready(): Promise<{ ok: boolean; checks: Record<string, string> }>;
  /** Reads the database's clock anew, and goes by it from then on. */
  setClock(): Promise<void>;
  close(): Promise<void>;
};

export type PlatformOptions = {
  name: string;
  databaseUrl: string;
  log?: Log;
  /** The account `default`, in the place of what is configured: the benchmark's in-process provider. */
  connector?: Connector;
};

/** A secret that cannot be one is found now, not when the first delivery comes. */
export async function checkedWebhookSecrets(config: Config): Promise<WebhookSecrets> {
  const secrets = webhookSecrets(config.dataDir, config.webhookSecrets);
  const accounts = createAccounts(config.providers, { world: realWorld(), timeoutMs: null });
  for (const [name, ofAccount] of secrets) {
    const [provider = '', account = ''] = name.split('/');
    try {
      const empty = { headers: {}, body: Buffer.alloc(0) };
      readerOf({ accounts }, provider, account)?.webhooks?.verify(empty, ofAccount, 0);
    } catch (error) {
      throw new ConfigProblem(`The webhook secrets of ${name} cannot be used: ${(error as Error).message}.`);
    }
  }
  await closeAll(accounts);
  return secrets;
}

export async function createPlatform(config: Config, options: PlatformOptions): Promise<Platform> {
  const log = options.log ?? createLog({ name: options.name, level: config.logLevel });
  const secrets = await checkedWebhookSecrets(config);
  const pool = createPool(options.databaseUrl, { name: `truepenny ${options.name}` });
  const commitPool = createCommitPool(options.databaseUrl, `truepenny ${options.name}`);
  const metrics = createMetrics();
  const offset = { ms: 0 };
  const world = realWorld(() => offset.ms);
  const setClock = () => followClock({ pool, world, metrics, log }, offset);
  await setClock();
  const accounts = options.connector
    ? only(options.connector)
    : createAccounts(config.providers, { world, timeoutMs: config.providerTimeoutMs });
  const deps: FlowDeps = {
    pool,
    committer: createCommitter({ pool: commitPool, world, log, metrics }),
    streams: createStreams(),
    accounts,
    world,
    log,
    metrics,
    chainKey: chainKey(config.dataDir, config.chainKeyHex),
    publicUrl: config.publicUrl,
  };
  const problem = createProblems(config.publicUrl);
  const notifying = { ...deps, allowPrivate: config.webhooksAllowPrivate, problem };
  const inProgress = new Map<string, string>();
  return {
    deps,
    payments: createPayments({
      ...deps,
      inProgress,
      problem,
      fundsOf: fundsOf(pool),
    }),
    ledger: createLedger(deps),
    notifications: createNotifications(notifying),
    notifying,
    sink: config.kafka === null ? null : kafkaSink(config.kafka, world),
    providerWebhooks: createProviderWebhooks({ ...deps, problem }),
    inbox: createInbox({ ...deps, webhookSecrets: secrets }),
    log,
    ready: () => readiness(pool),
    setClock,
    close: async () => {
      await closeAll(accounts);
      await commitPool.end();
      await pool.end();
    },
  };
}

function only(connector: Connector): Accounts {
  const versions = [{ connector, percent: 100 }];
  return new Map([['default', { account: 'default', provider: connector.name, mode: 'any', versions }]]);
}

async function closeAll(accounts: Accounts): Promise<void> {
  const connectors = [...accounts.values()].flatMap(({ versions }) => versions.map((v) => v.connector));
  await Promise.all(connectors.map((connector) => connector.close()));
}

/** This machine's clock plus the offset is the database's. */
async function followClock(
  { pool, world, metrics, log }: Pick<FlowDeps, 'pool' | 'world' | 'metrics' | 'log'>,
  offset: { ms: number },
): Promise<void> {
  const { aheadMs, errorMs } = await readClock(pool, world);
  if (Math.abs(aheadMs) > errorMs) offset.ms += aheadMs;
  metrics.clockOffsetSeconds.set(offset.ms / 1000);
  metrics.clockReadSeconds.set(world.now() / 1000);
  if (Math.abs(offset.ms) > LIMITS.database.clockOffsetWarnMs)
    log.warn({ offset_ms: offset.ms }, 'this clock differs from the database: check NTP');
}

/** Clocks drift, machines sleep, and a database fails over to another machine: so now and then, until the signal aborts. */
export async function runClock({ deps, log, setClock }: Platform, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await deps.world.sleep(LIMITS.database.clockEveryMs, signal);
    await setClock().catch((error: unknown) => log.warn({ err: error }, "the database's clock was not read"));
  }
}

async function readiness(pool: Pool): Promise<{ ok: boolean; checks: Record<string, string> }> {
  try {
    await query(pool, CLOCK);
    return { ok: true, checks: { database: 'ok' } };
  } catch (error) {
    return { ok: false, checks: { database: (error as { code?: string }).code ?? 'unreachable' } };
  }
}

/** Balance checkpoints, every so often, until the signal aborts. */
export async function runCheckpoints({ deps, log }: Platform, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await deps.world.sleep(LIMITS.ledger.checkpointEveryMs, signal);
    await takeCheckpoint(deps).catch((error: unknown) =>
      log.warn({ err: error }, 'no balance checkpoint was taken'),
    );
  }
}

/** Partitions for the months to come, and idempotency keys past their time, once in a while. */
export async function runHousekeeping({ deps, log }: Platform, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const failed = (error: unknown) => log.warn({ err: error }, 'housekeeping failed; it is tried again');
    await keepHouse(deps, failed);
    await deps.world.sleep(LIMITS.housekeeping.everyMs, signal);
  }
}

/** Each by itself: where one fails, the others are done all the same. */
export async function keepHouse(
  { pool, world }: Pick<FlowDeps, 'pool' | 'world'>,
  failed: (error: unknown) => void,
): Promise<void> {
  const now = world.now();
  const before = (ms: number) => new Date(now - ms).toISOString();
  const chores: [Statement, unknown[]][] = [
    [ENSURE_PARTITIONS, [before(0), LIMITS.database.partitionMonths]],
    [FORGET_KEYS, [before(LIMITS.idempotency.keptMs), LIMITS.housekeeping.batch]],
    [FORGET_DELIVERIES, [before(LIMITS.inbox.keptMs), LIMITS.housekeeping.batch]],
    [FORGET_PAYLOADS, [before(LIMITS.payment.payloadKeptMs), LIMITS.housekeeping.batch]],
    [THIN_CHECKPOINTS, [before(LIMITS.ledger.checkpointsKeptMs)]],
  ];
  for (const [statement, values] of chores) await query(pool, statement, values).catch(failed);
}
