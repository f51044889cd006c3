/** A provider account is taken out of the configuration while payments that were made with it are there. */

import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPayments } from '../../src/features/payments/payments.ts';
import { planReplay, requestReplay } from '../../src/features/webhooks/replay.ts';
import { replayOnce } from '../../src/features/webhooks/run-replays.ts';
import { setStraysAside } from '../../src/features/webhooks/strays.ts';
import { warnOfMissingAccounts } from '../../src/flow/accounts.ts';
import { loadPayment } from '../../src/flow/stream.ts';
import { insertApiKey, mintApiKey, SCOPES } from '../../src/http/api-keys.ts';
import { createProblems } from '../../src/http/problems.ts';
import { createServer } from '../../src/http/server.ts';
import type { Platform } from '../../src/main.ts';
import { LIMITS } from '../../src/ops/limits.ts';
import { createLog } from '../../src/ops/log.ts';
import { type Client, clientOf, type Problem } from '../support/client.ts';
import { inProcessProvider } from '../support/in-process-provider.ts';
import { request, sale, type TestPlatform, testPlatform } from '../support/platform.ts';
import { SECRET, webhook } from '../support/webhooks.ts';

let t: TestPlatform;
/** The same database, with an account of another provider in the place of the simulator's. */
let without: Platform;
let before: Client;
let after: Client;
const servers: FastifyInstance[] = [];
beforeAll(async () => {
  t = await testPlatform({
    env: { TRUEPENNY_WEBHOOK_SECRETS: JSON.stringify({ 'simulator/default': [SECRET] }) },
  });
  without = await t.another(inProcessProvider({ world: t.platform.deps.world, name: 'other' }));
  const { pool, world } = t.platform.deps;
  const key = mintApiKey(world, { mode: 'test', kind: 'secret' });
  await insertApiKey(pool, world, { ...key, merchant: t.principal.merchant, scopes: SCOPES });
  [before, after] = [await serve(t.platform, key.key), await serve(without, key.key)];
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await t.close();
});

async function serve(platform: Platform, key: string): Promise<Client> {
  const config = { publicUrl: 'http://api.test', trustedProxies: 0 };
  const server = await createServer({ ...platform.deps, ...platform, config });
  servers.push(server);
  await server.listen({ host: '127.0.0.1', port: 0 });
  return clientOf(`http://127.0.0.1:${(server.server.address() as AddressInfo).port}`, key);
}

async function versionOf(payment: string): Promise<number | undefined> {
  return (await loadPayment(t.platform.deps.pool, payment))?.position.version;
}

function laterBy(ms: number, { deps }: Platform = without) {
  return { ...deps, world: { ...deps.world, now: () => deps.world.now() + ms } };
}

test.each([
  ['capture', 'manual', 'captured'],
  ['void', 'manual', 'voided'],
  ['refund', 'automatic', 'captured'],
] as const)(
  'a %s at an account that is not configured says so, leaves nothing behind, and can be sent again once it is restored',
  async (what, capture_method, status) => {
    const { body: paid } = await before.sale('tok_approve', { capture_method });
    const version = await versionOf(paid.id);
    const [path, input] =
      what === 'refund' ? ['/v1/refunds', { payment: paid.id }] : [`/v1/payments/${paid.id}/${what}`, {}];
    const refused = await after.post<Problem>(path, input, `${what} 1`);
    expect([refused.status, refused.body]).toMatchObject([
      503,
      {
        code: 'provider_account_missing',
        retry: 'same_key',
        outcome: 'none',
        provider: 'simulator',
        provider_account: 'default',
      },
    ]);
    expect(await versionOf(paid.id)).toBe(version);
    expect((await before.post(path, input, `${what} 1`)).status).toBe(200);
    expect((await before.get(`/v1/payments/${paid.id}`)).body.status).toBe(status);
  },
);

test('a request whose process died, repeated when its account is gone, is told that nobody knows', async () => {
  const dying = await t.another({
    ...inProcessProvider({ world: t.platform.deps.world, name: 'simulator' }),
    perform: () => Promise.reject(new Error('the process dies')),
  });
  const asked = request(t, 'died', sale('tok_approve'));
  await expect(dying.payments.create(asked)).rejects.toThrow('the process dies');
  const deps = laterBy(60_000);
  const problem = createProblems('http://api.test');
  const payments = createPayments({ ...deps, inProgress: new Map(), problem, fundsOf: async () => 'own' });
  const reply = await payments.create(asked);
  expect(reply).toMatchObject({ status: 202, replayed: true });
  expect(JSON.parse(String(reply.body))).toMatchObject({
    status: 'processing',
    pending_operations: [{ status: 'unknown' }],
  });
});

test('who starts a process is told which accounts are missing', async () => {
  const lines: string[] = [];
  const log = createLog({
    name: 'test',
    level: 'warn',
    destination: { write: (line) => void lines.push(line) },
  });
  await warnOfMissingAccounts({ ...t.platform.deps, log });
  expect(lines).toEqual([]);
  await warnOfMissingAccounts({ ...without.deps, log });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ missing: ['simulator/default'] }]);
});

test('a delivery of a provider that is not configured is put before a person, and holds up no replay', async () => {
  const { deps } = without;
  const said = webhook({ type: 'charge.captured', data: { charge: 'ch_1' } });
  const delivery = { headers: said.headers, body: Buffer.from(said.body) };
  expect(await t.platform.inbox.receive('simulator', 'default', delivery)).toEqual({ kind: 'stored' });
  const selection = { provider: 'simulator' };
  const plan = await planReplay(deps, { selection, override: false });
  if (plan.kind !== 'plan') throw new Error(plan.kind);
  const requested = await requestReplay(
    deps,
    { selection, by: 'cli:ann', reason: 'a drill', override: false },
    plan,
  );
  expect(requested).toMatchObject({ kind: 'requested', deliveries: 1 });
  expect(await replayOnce(laterBy(1_000))).toBe(1);

  const { unclaimedMs } = LIMITS.inbox;
  expect(await setStraysAside(laterBy(unclaimedMs - 60_000), ['other'])).toBe(0);
  expect(await setStraysAside(laterBy(unclaimedMs + 60_000), ['simulator'])).toBe(0);
  expect(await replayOnce(laterBy(unclaimedMs))).toBe(0);
  expect(await setStraysAside(laterBy(unclaimedMs + 60_000), ['other'])).toBe(1);
  expect(await replayOnce(laterBy(unclaimedMs + 60_000))).toBe(0);
  expect(await replayOnce(laterBy(unclaimedMs + 120_000))).toBeNull();
  const { rows } = await deps.pool.query(
    `select d.state, d.why, x.type, x.status from inbox_due d join exceptions x on x.id = d.exception_id`,
  );
  expect(rows).toEqual([
    {
      state: 'set_aside',
      why: 'simulator is not configured, or has no webhooks',
      type: 'webhook_unreadable',
      status: 'open',
    },
  ]);
});
