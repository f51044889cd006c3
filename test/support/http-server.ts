/** A server on loopback with a real database for its keys, and features that only write down what they get. */

import { type AddressInfo, connect } from 'node:net';
import { mintId, toUuid } from '../../src/core/ids.ts';
import { createPool, type Pool } from '../../src/db/pool.ts';
import type { Ledger } from '../../src/features/ledger/types.ts';
import type { Notifications } from '../../src/features/notifications/types.ts';
import type { Payments, Reply } from '../../src/features/payments/types.ts';
import type { ProviderWebhooks } from '../../src/features/webhooks/types.ts';
import { insertApiKey, type KeyKind, mintApiKey, SCOPES, type Scope } from '../../src/http/api-keys.ts';
import type { Readiness } from '../../src/http/context.ts';
import { createServer } from '../../src/http/server.ts';
import { createLog } from '../../src/ops/log.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { realWorld, type World } from '../../src/ops/world.ts';
import { testDatabase } from './database.ts';

export type Call = { name: string; args: unknown[] };
export type Answer = { status: number; headers: Headers; text: string; body: Record<string, unknown> };

export type TestServer = Awaited<ReturnType<typeof startServer>>;

export async function startServer({ trustedProxies = 0 } = {}) {
  const database = await testDatabase();
  const pool = createPool(database.url, { name: 'http-test', max: 2 });
  const queries = namesOfQueries(pool);
  const clock = { aheadMs: 0 };
  const world = worldAhead(clock);
  const lines: string[] = [];
  const features = recordingFeatures();
  const readiness: { now: Readiness } = { now: { ok: true, checks: { database: 'ok' } } };
  const server = await createServer({
    pool,
    payments: features.payments,
    ledger: features.ledger,
    notifications: features.notifications,
    providerWebhooks: features.providerWebhooks,
    inbox: {
      receive: async () => ({ kind: 'unknown_account' }),
      take: async () => ({ kind: 'unknown_account' }),
      challenge: () => null,
    },
    log: createLog({
      name: 'test',
      level: 'trace',
      destination: { write: (line: string) => void lines.push(line) },
    }),
    metrics: createMetrics(),
    world,
    ready: async () => readiness.now,
    config: { publicUrl: 'http://api.test', trustedProxies },
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;
  const merchant = await insertMerchant(pool, world);
  const makeKey = (
    kind: KeyKind = 'secret',
    scopes: readonly Scope[] = SCOPES,
    mode: 'test' | 'live' = 'test',
  ) => addKey(pool, world, { merchant, kind, scopes, mode });
  return {
    server,
    pool,
    /** Names of the statements that were run, in order. */
    queries,
    port,
    clock,
    lines,
    features,
    readiness,
    merchant,
    makeKey,
    /** Sends bytes as they are; all that comes back until the server ends the connection. */
    sendRaw: (bytes: string) => sendRaw(port, bytes),
    request: (method: string, path: string, options: RequestInit = {}) => send(port, method, path, options),
    stop: async () => {
      await server.close();
      await pool.end();
      await database.drop();
    },
  };
}

function namesOfQueries(pool: Pool): string[] {
  const names: string[] = [];
  const run = pool.query.bind(pool) as (...args: unknown[]) => unknown;
  const recording = (...args: unknown[]) => {
    names.push((args[0] as { name?: string }).name ?? '');
    return run(...args);
  };
  Object.assign(pool, { query: recording });
  return names;
}

function worldAhead(clock: { aheadMs: number }): World {
  const world = realWorld();
  return { ...world, monotonic: () => world.monotonic() + clock.aheadMs };
}

function recordingFeatures() {
  const calls: Call[] = [];
  const answer: { next: () => Promise<Reply> } = {
    next: async () => ({ status: 200, body: { object: 'done' } }),
  };
  const back: { location: string | null } = { location: null };
  const recorder =
    (name: string) =>
    async (...args: unknown[]) => {
      calls.push({ name, args });
      return name === 'customerReturned' ? { ...back, status: 'captured' } : answer.next();
    };
  const features = new Proxy({}, { get: (_target, name) => recorder(String(name)) });
  return {
    calls,
    answer,
    back,
    payments: features as Payments,
    ledger: features as Ledger,
    notifications: features as Notifications,
    providerWebhooks: features as ProviderWebhooks,
  };
}

async function insertMerchant(pool: Pool, world: World): Promise<string> {
  const merchant = mintId('merchant', world.now(), world.randomBytes(10));
  await pool.query(`insert into merchants (id, name, funds, created_at) values ($1, 'Test', 'own', now())`, [
    toUuid(merchant),
  ]);
  return merchant;
}

type KeyPlan = { merchant: string; kind: KeyKind; scopes: readonly Scope[]; mode: 'test' | 'live' };

async function addKey(pool: Pool, world: World, { merchant, kind, scopes, mode }: KeyPlan) {
  const key = mintApiKey(world, { mode, kind });
  await insertApiKey(pool, world, { ...key, merchant, scopes });
  return key;
}

async function send(port: number, method: string, path: string, options: RequestInit): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, redirect: 'manual', ...options });
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text !== '' ? JSON.parse(text) : {},
  };
}

function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('error', reject).on('close', () => resolve(received));
  });
}
