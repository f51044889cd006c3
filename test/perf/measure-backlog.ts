/** What customers notice while a backlog of providers' webhooks is worked off. */

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { simulatorConnector } from '../../src/connectors/simulator/connector.ts';
import { createInbox } from '../../src/features/webhooks/receive.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { realWorld } from '../../src/ops/world.ts';
import { SECRET, type Webhook, webhook } from '../support/webhooks.ts';
import type { Environment } from './environment.ts';
import { FLOWS } from './flows.ts';
import { type LoadResult, runPaced, type Target } from './load.ts';
import { makePayments, type Names } from './provider-webhooks.ts';

export const BACKLOG_ENV = {
  TRUEPENNY_WEBHOOK_SECRETS: JSON.stringify({ 'simulator/default': [SECRET] }),
};

export type BacklogOptions = {
  deliveries: number;
  /** Sales that arrive evenly all the time. */
  perSecond: number;
  /** Of each measurement without a backlog. */
  quietSeconds: number;
};

export type BacklogResult = {
  fillSeconds: number;
  before: LoadResult;
  during: LoadResult;
  after: LoadResult;
  drainSeconds: number;
  drainedPerSecond: number;
  /** The 99th percentile while draining, to the mean of those before and after. */
  ratio: number;
  /** Deliveries by what came of them. */
  results: Record<string, number>;
};

const PER_PAYMENT = 10;
const FILLED_AT_ONCE = 5_000;
const DRAIN_SECONDS = 1_800;

export async function measureBacklog(
  environment: Environment,
  target: Target,
  { deliveries, perSecond, quietSeconds }: BacklogOptions,
): Promise<BacklogResult> {
  const paced = { perSecond, connections: 32 };
  const payments = await makePayments(target.port, target.secretKey, Math.ceil(deliveries / PER_PAYMENT));
  await runPaced(target, FLOWS.sale, { ...paced, seconds: quietSeconds / 4 });
  const before = await runPaced(target, FLOWS.sale, { ...paced, seconds: quietSeconds });
  await environment.worker.stop();
  const begun = new Date();
  await fill(environment, payments, deliveries);
  const filled = [begun, new Date()] as const;
  const done = new AbortController();
  const running = runPaced(target, FLOWS.sale, { ...paced, seconds: DRAIN_SECONDS, signal: done.signal });
  await environment.worker.start();
  const drainSeconds = await drained(environment, deliveries, filled[1]);
  done.abort();
  const during = await running;
  const after = await runPaced(target, FLOWS.sale, { ...paced, seconds: quietSeconds });
  return {
    fillSeconds: (filled[1].getTime() - begun.getTime()) / 1000,
    before,
    during,
    after,
    drainSeconds,
    drainedPerSecond: deliveries / drainSeconds,
    ratio: during.p99Ms / ((before.p99Ms + after.p99Ms) / 2),
    results: await resultsOf(environment, filled),
  };
}

/** Through the door itself, in this process: signed, verified, and stored in groups. */
async function fill({ pool }: Environment, payments: Names[], count: number): Promise<void> {
  const world = realWorld();
  const connector = simulatorConnector({ url: 'http://127.0.0.1:9', world, limits: {} });
  const versions = [{ connector, percent: 100 }];
  const account = { account: 'default', provider: connector.name, mode: 'any' as const, versions };
  const inbox = createInbox({
    pool,
    world,
    metrics: createMetrics(),
    accounts: new Map([['default', account]]),
    webhookSecrets: new Map([['simulator/default', [SECRET]]]),
  });
  for (let from = 0; from < count; from += FILLED_AT_ONCE) {
    const size = Math.min(FILLED_AT_ONCE, count - from);
    const sent = Array.from({ length: size }, (_, n) => deliveryOf(payments, from + n));
    const received = await Promise.all(
      sent.map(({ headers, body }) =>
        inbox.receive('simulator', 'default', { headers, body: Buffer.from(body) }),
      ),
    );
    const other = received.find(({ kind }) => kind !== 'stored');
    if (other) throw new Error(`a delivery was not stored: ${other.kind}`);
  }
  await connector.close();
}

/** Each refund of one penny is told twice, under two events of the provider; those of one payment lie apart. */
function deliveryOf(payments: Names[], n: number): Webhook {
  const names = payments[n % payments.length];
  const round = Math.floor(n / payments.length);
  const movement = `mv_${names?.charge}_${Math.floor(round / 2)}`;
  const data = { ...names, currency: 'EUR', amount: 1, movement, operation: null };
  return webhook({ id: `whk_${randomUUID()}`, type: 'refund.succeeded', data });
}

/** What the worker finds meanwhile in the provider's account is not of the backlog. */
async function drained({ pool }: Environment, deliveries: number, until: Date): Promise<number> {
  const from = performance.now();
  const text = 'select 1 from inbox_due where received_at <= $1 limit 1';
  while ((await pool.query(text, [until])).rowCount !== 0) {
    if (performance.now() - from > DRAIN_SECONDS * 1000)
      throw new Error(`${deliveries} deliveries were not processed within ${DRAIN_SECONDS} s`);
    await delay(250);
  }
  return (performance.now() - from) / 1000;
}

async function resultsOf(
  { pool }: Environment,
  [from, to]: readonly [Date, Date],
): Promise<Record<string, number>> {
  const text = `select coalesce(d.state, i.result) as result, count(*)::int as count
    from inbox i left join inbox_due d on d.inbox_id = i.id
    where i.received_at between $1 and $2 and i.event_id like 'whk_%' group by 1`;
  const { rows } = await pool.query<{ result: string; count: number }>(text, [from, to]);
  return Object.fromEntries(rows.map(({ result, count }) => [result, count]));
}
