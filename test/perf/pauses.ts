/**
 * What a pause costs: everything that the process does of a sale but for HTTP and the database, back to back, and
 * after the process has rested each time. The work is the same; what differs is what the processor still has at hand.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Accounts } from '../../src/connectors/port.ts';
import { mintId } from '../../src/core/ids.ts';
import type { Pool } from '../../src/db/pool.ts';
import { createPayments } from '../../src/features/payments/payments.ts';
import type { CreateInput, MoneyRequest } from '../../src/features/payments/types.ts';
import { createStreams } from '../../src/flow/streams.ts';
import { createProblems } from '../../src/http/problems.ts';
import { createLog } from '../../src/ops/log.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { newTrace } from '../../src/ops/trace.ts';
import { realWorld } from '../../src/ops/world.ts';
import { inProcessProvider } from '../support/in-process-provider.ts';

export type Pauses = { backToBackMs: number; afterPauseMs: number; pauseMs: number };

/** As long as a sale waits for the database, about. */
const PAUSE_MS = 4;
const WARM_UP = 20_000;
const TIMES = 400;

/** Processor time of one, the mean of some hundreds each. */
export async function measurePauses(warmUp = WARM_UP): Promise<Pauses> {
  const sell = salesWithoutDatabase();
  for (let n = 0; n < warmUp; n++) await sell();
  const backToBackMs = await processorMs(sell, 0);
  const afterPauseMs = await processorMs(sell, PAUSE_MS);
  return { backToBackMs, afterPauseMs, pauseMs: PAUSE_MS };
}

async function processorMs(sell: () => Promise<void>, pauseMs: number): Promise<number> {
  let microseconds = 0;
  for (let n = 0; n < TIMES; n++) {
    if (pauseMs > 0) await delay(pauseMs);
    const before = process.cpuUsage();
    await sell();
    const { user, system } = process.cpuUsage(before);
    microseconds += user + system;
  }
  return microseconds / TIMES / 1000;
}

function salesWithoutDatabase(): () => Promise<void> {
  const world = realWorld();
  const problem = createProblems('http://127.0.0.1');
  const payments = createPayments({
    pool: {} as Pool,
    committer: { commit: async () => ({ kind: 'committed' }) },
    streams: createStreams(),
    accounts: accounts(),
    world,
    log: createLog({ name: 'pauses', level: 'silent' }),
    metrics: createMetrics(),
    chainKey: Buffer.alloc(32, 1),
    publicUrl: 'http://127.0.0.1',
    inProgress: new Map(),
    problem,
    fundsOf: async () => 'own',
  });
  const merchant = mintId('merchant', world.now(), world.randomBytes(10));
  let made = 0;
  return async () => {
    made += 1;
    const { status } = await payments.create(sale(merchant, `key-${made}`));
    if (status !== 200) throw new Error(`a sale ended with ${status}`);
  };
}

function accounts(): Accounts {
  const connector = inProcessProvider({ world: realWorld() });
  const versions = [{ connector, percent: 100 }];
  return new Map([['default', { account: 'default', provider: connector.name, mode: 'any', versions }]]);
}

function sale(merchant: string, key: string): MoneyRequest<CreateInput> {
  const details = {
    metadata: { cart: 'c-1' },
    return_url: null,
    customer: null,
    channel: null,
    billing_country: null,
  };
  return {
    principal: { merchant, mode: 'test', kind: 'secret', scopes: ['payments:write'] },
    idempotencyKey: key,
    fingerprint: `POST\n/v1/payments\namount 4200\nreference ${key}`,
    ...newTrace(realWorld()),
    input: {
      amount: 4200,
      currency: 'EUR',
      capture_method: 'automatic',
      confirm: true,
      allow_partial_authorization: false,
      payment_method: { type: 'card', token: 'tok_approve' },
      off_session: false,
      provider_account: null,
      reference: key,
      details: { description: 'Two tickets', ...details },
    },
  };
}
