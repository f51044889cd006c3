/** One provider is slow to answer, over real connections: what the others' customers notice of it. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STRIPE_VERSION } from '../../src/connectors/stripe/connector.ts';
import { runWorker } from '../../src/flow/schedule.ts';
import { LIMITS } from '../../src/ops/limits.ts';
import { inProcessProvider } from '../support/in-process-provider.ts';
import { request, sale, type TestPlatform, testPlatform } from '../support/platform.ts';
import { providerAt } from '../support/provider.ts';

/** More than a worker has places for one provider, and than it once claimed at a time. */
const PAYMENTS = 40;

let t: TestPlatform;
let slow: Awaited<ReturnType<typeof silence>>;
beforeAll(async () => {
  slow = await silence();
  const versions = (version: string) => [{ version, percent: 100 }];
  const secret = { credentials: { secret_key: 'sk_test_slow' } };
  const accounts = [
    { account: 'quick', provider: 'simulator', versions: versions('1') },
    { account: 'slow', provider: 'stripe', url: slow.url, versions: versions(STRIPE_VERSION), ...secret },
  ];
  t = await testPlatform({ env: { TRUEPENNY_PROVIDERS: JSON.stringify(accounts) } });
});
afterAll(async () => {
  await t.close();
  slow.server.close();
});

/** Takes every call and answers none; `asked` are the look-ups that wait for an answer. */
async function silence() {
  const asked = new Set<object>();
  const server = createServer((call, answer) => {
    if (call.method !== 'GET') return;
    asked.add(call);
    answer.on('close', () => asked.delete(call));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, asked, url: `http://127.0.0.1:${port}` };
}

async function unknownSale(account: string, n: number): Promise<string> {
  const sold = await t.platform.payments.create(
    request(t, `${account} ${n}`, sale('tok_approve', { provider_account: account })),
  );
  expect(sold.status).toBe(202);
  return (sold.body as { id: string }).id;
}

async function statusOf(id: string): Promise<string> {
  const { body } = await t.platform.payments.retrieve(t.principal, id);
  return (body as { status: string }).status;
}

test('whatever a connector asks around a call is to be over before the lease of its operation', async () => {
  const { world } = t.platform.deps;
  const inner = inProcessProvider({ world });
  const left: number[] = [];
  const platform = await t.another({
    ...inner,
    perform: (ask, trace) => {
      left.push((trace.untilMs ?? Number.POSITIVE_INFINITY) - world.monotonic());
      return inner.perform(ask, trace);
    },
  });
  const sold = await platform.payments.create(request(t, 'around a call', sale('tok_approve')));
  expect(sold.status).toBe(200);
  const callMs = inner.capabilities.timeoutMs.authorize;
  expect(left).toHaveLength(1);
  expect(left[0]).toBeGreaterThan(callMs);
  expect(left[0]).toBeLessThan(callMs + LIMITS.provider.leaseMarginMs);
});

test('a provider that does not answer delays its own payments only, and has no more than its places', async () => {
  const hung = await Promise.all(Array.from({ length: PAYMENTS }, (_, n) => unknownSale('slow', n)));
  const stop = new AbortController();
  const working = runWorker(t.platform.deps, stop.signal);
  try {
    await expect.poll(() => slow.asked.size, { timeout: 10_000 }).toBe(LIMITS.resolve.perProvider);
    await providerAt(t.simulatorUrl).arm({ operation: 'authorize', fault: 'timeout_after' });
    const other = await unknownSale('quick', 0);
    await expect.poll(() => statusOf(other), { timeout: 4_000 }).toBe('captured');
    expect(slow.asked.size).toBe(LIMITS.resolve.perProvider);
    expect(new Set(await Promise.all(hung.map(statusOf)))).toEqual(new Set(['processing']));
  } finally {
    stop.abort();
    slow.server.closeAllConnections();
    await working;
  }
});
