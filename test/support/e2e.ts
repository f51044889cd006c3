/** One deployment for an end-to-end test file; every test ends with the provider's books beside ours. */

import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type Client, clientOf, type Payment } from './client.ts';
import { testDatabase } from './database.ts';
import { type Deployment, deploy, type Merchant } from './deployment.ts';
import { temporaryFolder } from './folder.ts';
import { disagreements, ledgerDisagreements } from './oracle.ts';
import type { Provider } from './provider.ts';

export type EndToEnd = {
  /** The merchant's program, talking to the first API process. */
  api: Client;
  /** The same merchant, talking to the second one. */
  otherApi: Client;
  provider: Provider;
  deployment: Deployment;
  /** The payment as soon as it is as wished for, or the failure of the test. */
  until(payment: string, wished: (payment: Payment) => boolean, what: string): Promise<Payment>;
  /** The payment once nothing is pending any more. */
  settled(payment: string): Promise<Payment>;
};

const RECOVERY_MS = 20_000;

/** `workers: 'later'`: the test starts `deployment.workers` itself; after each test they run in any case. */
export function endToEnd(
  options: { apis?: number; workers?: 'running' | 'later'; env?: Record<string, string> } = {},
): EndToEnd {
  const test = {} as EndToEnd;
  let cleanUp: () => Promise<void>;
  let checked: string | null = null;
  beforeAll(async () => {
    const database = await testDatabase();
    const folder = await temporaryFolder('e2e');
    const { apis = 2, env = {} } = options;
    const deployment = await deploy({
      databaseUrl: database.url,
      dataDir: folder.path,
      apis,
      workers: 1,
      env,
    });
    cleanUp = async () => {
      await deployment.stop();
      await database.drop();
      await folder.remove();
    };
    if (options.workers !== 'later') await startWorkers(deployment);
    Object.assign(test, together(deployment));
  });
  afterEach(async () => {
    await test.provider.disarm();
    await test.provider.outage('up');
    await startWorkers(test.deployment);
    const touched = await test.api.payments(checked);
    checked = touched[0]?.id ?? checked;
    await expectBooksToAgree(test, touched);
    if (options.workers === 'later')
      await Promise.all(test.deployment.workers.map((worker) => worker.end('SIGKILL')));
  });
  afterAll(async () => {
    const logs = test.deployment?.logs() ?? '';
    await cleanUp?.();
    expectNoSecrets(logs, test.deployment.merchant);
  });
  return test;
}

function together(deployment: Deployment): EndToEnd {
  const { apis, merchant, provider } = deployment;
  const [first, second = first] = apis;
  const api = clientOf(first?.url ?? '', merchant.secretKey);
  const otherApi = clientOf(second?.url ?? '', merchant.secretKey);
  const until: EndToEnd['until'] = async (payment, wished, what) => {
    let last: Payment | null = null;
    const isThere = async () => {
      last = await api.payment(payment).catch(() => otherApi.payment(payment));
      return wished(last) ? 'so' : JSON.stringify(last);
    };
    await expect.poll(isThere, { timeout: RECOVERY_MS, interval: 50, message: what }).toBe('so');
    if (last === null) throw new Error('the payment was never read');
    return last;
  };
  // A provider may tell of a sale in two webhooks: that it is approved, and that it is captured.
  const isHalfTold = (p: Payment) => p.capture_method === 'automatic' && p.status === 'authorized';
  const settled = (payment: string) =>
    until(payment, (p) => p.pending_operations.length === 0 && !isHalfTold(p), 'nothing is pending');
  return { api, otherApi, provider, deployment, until, settled };
}

export async function startWorkers({ workers }: Deployment): Promise<void> {
  await Promise.all(workers.map((worker) => worker.start()));
}

/** `card-data-stays-in-the-vault`: whatever a test file did, no process wrote down what nobody may read there. */
function expectNoSecrets(logs: string, { secretKey, publishableKey }: Merchant): void {
  expect(logs).toContain('"level"');
  for (const secret of ['tok_', secretKey, publishableKey, '4111111111111111', '4111 1111 1111 1111'])
    expect(logs.includes(secret), `the logs hold ${secret}`).toBe(false);
}

async function expectBooksToAgree(test: EndToEnd, touched: Payment[]): Promise<void> {
  const { api, provider } = test;
  for (const { id } of touched) await test.settled(id);
  const now = await Promise.all(touched.map(({ id }) => api.payment(id)));
  expect(await disagreements(api, provider, now)).toEqual([]);
  expect(await ledgerDisagreements(api, await provider.charges())).toEqual([]);
}
