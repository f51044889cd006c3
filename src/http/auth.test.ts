import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Answer, startServer, type TestServer } from '../../test/support/http-server.ts';
import { type IdKind, mintId, toUuid } from '../core/ids.ts';
import { FIND_API_KEYS, REVOKE_API_KEY } from '../db/statements/api-keys.ts';
import { LIMITS } from '../ops/limits.ts';
import { realWorld } from '../ops/world.ts';
import { hashKey, mintApiKey, SCOPES } from './api-keys.ts';
import { createKeyLookUp } from './key-look-up.ts';
import { createWindows } from './windows.ts';

const world = realWorld();
const id = (kind: IdKind) => mintId(kind, world.now(), world.randomBytes(10));
const unknownKey = () => mintApiKey(world, { mode: 'test', kind: 'secret' }).key;

let app: TestServer;

beforeAll(async () => {
  app = await startServer();
});
afterAll(() => app.stop());
beforeEach(() => {
  app.clock.aheadMs += 61_000; // Past every window and every cache of the test before.
});

function send(method: string, path: string, key: string): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${key}`,
    'idempotency-key': 'k',
    'content-type': 'application/json',
  };
  return app.request(method, path, { headers, ...(method === 'POST' && { body: '{}' }) });
}
const list = (key: string) => send('GET', '/v1/payments', key);

test('without a key the answer is 401 and says how to send one', async () => {
  const answer = await app.request('GET', '/v1/payments');
  expect([answer.status, answer.body['code']]).toEqual([401, 'authentication_required']);
  expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="truepenny"');
});

test.each([
  'Bearer',
  'Basic abc',
  'Bearer sk_test_short',
  `Bearer sk_prod_${'a'.repeat(43)}`,
  `Bearer ${unknownKey()}`,
])('another credential is refused as invalid: %s', async (authorization) => {
  const answer = await app.request('GET', '/v1/payments', { headers: { authorization } });
  expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
    401,
    'Bearer realm="truepenny", error="invalid_token"',
  ]);
});

test('only the hash and a hint of a key are stored', async () => {
  const { key } = await app.makeKey();
  const { rows } = await app.pool.query('select row_to_json(k)::text as text from api_keys k');
  expect(rows.some(({ text }) => text.includes(key.slice(13, -4)))).toBe(false);
  expect(rows.some(({ text }) => text.includes(`${key.slice(0, 12)}…${key.slice(-4)}`))).toBe(true);
});

test('a revoked key works for five seconds at most', async () => {
  const made = await app.makeKey();
  expect((await list(made.key)).status).toBe(200);
  const values = [toUuid(made.id), toUuid(app.merchant), new Date()];
  const revoked = await app.pool.query({ ...REVOKE_API_KEY, values });
  expect(revoked.rowCount).toBe(1);
  app.clock.aheadMs += 5_000;
  expect((await list(made.key)).status).toBe(401);
});

test('a key that is in use is asked for again before its time is over, once, and nobody waits for that', async () => {
  const { key } = await app.makeKey();
  await list(key);
  const before = lookUps();
  app.clock.aheadMs += 2_600;
  for (let n = 0; n < 3; n++) expect((await list(key)).status).toBe(200);
  await expect.poll(() => lookUps() - before).toBe(1);
  // Without that question its five seconds would be over now.
  app.clock.aheadMs += 2_400;
  expect((await list(key)).status).toBe(200);
  expect(lookUps() - before).toBe(1);
});

test('a key in use goes on working while it cannot be asked for, for five seconds', async () => {
  const alone = await startServer();
  const { key } = await alone.makeKey();
  const ask = () => alone.request('GET', '/v1/payments', { headers: { authorization: `Bearer ${key}` } });
  expect((await ask()).status).toBe(200);
  await alone.pool.query('alter table api_keys rename to elsewhere');
  alone.clock.aheadMs += 2_600;
  expect((await ask()).status).toBe(200);
  alone.clock.aheadMs += 2_400;
  expect((await ask()).status).toBe(503);
  await alone.stop();
});

test('a key made after it was tried works within five seconds', async () => {
  const { key, id: keyId } = await app.makeKey();
  await app.pool.query('update api_keys set revoked_at = now() where id = $1', [toUuid(keyId)]);
  expect((await list(key)).status).toBe(401);
  await app.pool.query('update api_keys set revoked_at = null where id = $1', [toUuid(keyId)]);
  app.clock.aheadMs += 5_000;
  expect((await list(key)).status).toBe(200);
});

test('many requests with one key ask the database once', async () => {
  const { key } = await app.makeKey();
  const before = lookUps();
  const answers = await Promise.all(Array.from({ length: 20 }, () => list(key)));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(lookUps() - before).toBe(1);
});

test('who guesses keys is told to wait, while every key that exists works from the same address', async () => {
  const [seen, neverSeen] = [await app.makeKey(), await app.makeKey()];
  await list(seen.key);
  for (let n = 0; n < LIMITS.http.unauthenticatedPerMinute; n++) await app.request('GET', '/v1/payments');
  const guess = await list(unknownKey());
  expect([guess.status, guess.body['code']]).toEqual([429, 'rate_limited']);
  expect(Number(guess.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await list(neverSeen.key)).status).toBe(200);
  app.clock.aheadMs += 5_000;
  expect((await list(seen.key)).status).toBe(200);
});

test('unknown keys that come at once are looked up together, and a good key among them is found', async () => {
  const good = hashKey((await app.makeKey()).key);
  const unknown = Array.from({ length: 1_000 }, () => hashKey(unknownKey()));
  const before = lookUps();
  const found = await Promise.all([...unknown, good].map(createKeyLookUp(app.pool)));
  expect(found.map((row) => row?.hash ?? null)).toEqual([...unknown.map(() => null), good]);
  expect(lookUps() - before).toBeLessThanOrEqual(1 + Math.ceil(1_000 / LIMITS.http.lookUpBatch));
});

test('behind a proxy the client is whom the proxy was reached by, whatever else the client claims', async () => {
  const behind = await startServer({ trustedProxies: 2 });
  const from = (forwarded: string) =>
    behind.request('GET', '/v1/payments', { headers: { 'x-forwarded-for': forwarded } });
  for (let n = 0; n < LIMITS.http.unauthenticatedPerMinute; n++)
    await from(`203.0.113.${n % 250}, 198.51.100.7, 10.0.0.1`);
  expect((await from('192.0.2.1, 198.51.100.7, 10.0.0.1')).status).toBe(429);
  expect((await from('198.51.100.7, 198.51.100.8, 10.0.0.1')).status).toBe(401);
  await behind.stop();
});

test('without a proxy nobody is believed to be another address', async () => {
  const from = (forwarded: string) =>
    app.request('GET', '/v1/payments', { headers: { 'x-forwarded-for': forwarded } });
  for (let n = 0; n < LIMITS.http.unauthenticatedPerMinute; n++) await from(`203.0.113.${n % 250}`);
  expect((await from('198.51.100.7')).status).toBe(429);
});

test('each key has its own rate', async () => {
  const [busy, calm] = [await app.makeKey(), await app.makeKey()];
  const windows = createWindows({ ...world, monotonic: () => 0 }, { limit: 2, windowMs: 1000, names: 10 });
  expect([busy, busy, busy, calm].map(({ id: name }) => windows.hit(name))).toEqual([0, 0, 1, 0]);
});

test('without the database the answer is 503, to be sent again', async () => {
  const broken = await startServer();
  const keys = await Promise.all(Array.from({ length: 5 }, () => broken.makeKey()));
  await broken.pool.query('alter table api_keys rename to elsewhere');
  const answers = await Promise.all(
    keys.map(({ key }) =>
      broken.request('GET', '/v1/payments', { headers: { authorization: `Bearer ${key}` } }),
    ),
  );
  expect(answers.map(({ status, body }) => [status, body['code'], body['retry']])).toEqual(
    keys.map(() => [503, 'database_unavailable', 'same_key']),
  );
  await broken.stop();
});

const ROUTES: [method: string, path: string, scope: string][] = [
  ['POST', '/v1/payments', 'payments:write'],
  ['POST', `/v1/payments/${id('payment')}/capture`, 'payments:write'],
  ['POST', `/v1/payments/${id('payment')}/void`, 'payments:write'],
  ['POST', '/v1/refunds', 'payments:write'],
  ['GET', '/v1/payments', 'payments:read'],
  ['GET', `/v1/payments/${id('payment')}`, 'payments:read'],
  ['GET', `/v1/payments/${id('payment')}/events`, 'payments:read'],
  ['GET', `/v1/payments/${id('payment')}/explain`, 'payments:read'],
  ['GET', `/v1/refunds/${id('refund')}`, 'payments:read'],
  ['GET', `/v1/captures/${id('capture')}`, 'payments:read'],
  ['GET', '/v1/exceptions', 'payments:read'],
  ['GET', '/v1/ledger/accounts', 'ledger:read'],
  ['GET', '/v1/ledger/trial-balance', 'ledger:read'],
  ['GET', '/v1/ledger/journals', 'ledger:read'],
];

test.each(ROUTES)(
  '%s %s needs the scope %s, and is closed to publishable keys',
  async (method, path, scope) => {
    const without = await app.makeKey(
      'secret',
      (['payments:write', 'payments:read', 'ledger:read'] as const).filter((s) => s !== scope),
    );
    const denied = await send(method, path, without.key);
    expect([denied.status, denied.body['code']]).toEqual([403, 'permission_denied']);
    expect(denied.body['detail']).toContain(scope);
    const publishable = await app.makeKey('publishable');
    expect((await send(method, path, publishable.key)).body['code']).toBe('permission_denied');
  },
);

const PLATFORM_ROUTES: [method: string, path: string, scope: 'platform:read' | 'platform:operate'][] = [
  ['GET', '/v1/provider_webhooks', 'platform:read'],
  ['GET', `/v1/provider_webhooks/${id('webhook')}`, 'platform:read'],
  ['GET', '/v1/webhook_replays', 'platform:read'],
  ['GET', `/v1/webhook_replays/${id('replay')}`, 'platform:read'],
  ['GET', `/v1/webhook_replays/${id('replay')}/results`, 'platform:read'],
  ['POST', '/v1/webhook_replays', 'platform:operate'],
  ['POST', `/v1/webhook_replays/${id('replay')}/approve`, 'platform:operate'],
  ['POST', `/v1/webhook_replays/${id('replay')}/reject`, 'platform:operate'],
  ['POST', `/v1/webhook_replays/${id('replay')}/stop`, 'platform:operate'],
];

test.each(PLATFORM_ROUTES)(
  '%s %s is closed to the keys of merchants and of the test mode, whatever else they may do',
  async (method, path, scope) => {
    const other = scope === 'platform:read' ? 'platform:operate' : 'platform:read';
    const keys = [
      await app.makeKey(),
      await app.makeKey('secret', [...SCOPES, other], 'live'),
      await app.makeKey('secret', [scope], 'test'),
      await app.makeKey('publishable', [scope], 'live'),
    ];
    for (const { key } of keys)
      expect((await send(method, path, key)).body['code']).toBe('permission_denied');
    const { key } = await app.makeKey('secret', [scope], 'live');
    expect((await send(method, path, key)).status).not.toBe(403);
  },
);

test('a publishable key may confirm a payment', async () => {
  const { key } = await app.makeKey('publishable', []);
  expect((await send('POST', `/v1/payments/${id('payment')}/confirm`, key)).status).toBe(200);
});

function lookUps(): number {
  return app.queries.filter((name) => name === FIND_API_KEYS.name).length;
}
