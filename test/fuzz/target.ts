/** A real API in this process over a real database and the simulator; what it logs and answers is read for secrets. */

import { request as send } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { insertApiKey, mintApiKey, PLATFORM_SCOPES, SCOPES } from '../../src/http/api-keys.ts';
import { createServer } from '../../src/http/server.ts';
import { LIMITS } from '../../src/ops/limits.ts';
import { createLog } from '../../src/ops/log.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { SECRET } from '../support/webhooks.ts';
import { CARD } from './hostile.ts';

export type Answer = { status: number; type: string; text: string; tookMs: number };

export type Outgoing = { method: string; path: string; headers: Record<string, string>; body: Buffer | null };

export type Target = {
  test: TestPlatform;
  server: FastifyInstance;
  secretKey: string;
  /** Of two who run the platform: what one asks for the other approves. */
  platformKeys: readonly [string, string];
  send(request: Outgoing): Promise<Answer>;
  /** Bytes as they are; what came back until the connection ended. */
  sendRaw(bytes: string): Promise<string>;
  /** What was wrong with what was logged since the last time; lines are looked at once and not kept. */
  complaints(): string[];
  /** Texts that no answer may hold. */
  secrets: readonly string[];
  close(): Promise<void>;
};

/** What stands in requests and is for nobody to read in a log. */
export const PERSONAL = 'Ada Canary';
const PATIENCE_MS = 10_000;
/** What a delivery that nobody can read is meant to lead to. */
const SET_ASIDE = 'a delivery was set aside';

export async function startTarget(): Promise<Target> {
  const chainKey = 'ab'.repeat(32);
  const watch = watchLog([CARD, SECRET, chainKey, PERSONAL, 'tok_']);
  const test = await testPlatform({
    log: createLog({ name: 'fuzz', level: 'trace', destination: watch }),
    env: {
      TRUEPENNY_CHAIN_KEY: chainKey,
      TRUEPENNY_WEBHOOK_SECRETS: JSON.stringify({ 'simulator/default': [SECRET] }),
    },
  });
  const { platform, principal } = test;
  const { deps } = platform;
  const key = mintApiKey(deps.world, { mode: 'test', kind: 'secret' });
  await insertApiKey(deps.pool, deps.world, { ...key, merchant: principal.merchant, scopes: SCOPES });
  const platformKeys = [await platformKey(test), await platformKey(test)] as const;
  watch.secrets.push(key.key, ...platformKeys);
  const server = await createServer({
    ...deps,
    ...platform,
    config: { publicUrl: 'http://api.test', trustedProxies: 0 },
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;
  const { password } = new URL(test.databaseUrl);
  return {
    test,
    server,
    secretKey: key.key,
    platformKeys,
    send: (outgoing) => exchange(port, outgoing),
    sendRaw: (bytes) => exchangeRaw(port, bytes),
    complaints: () => watch.complaints.splice(0),
    secrets: [key.key, ...platformKeys, chainKey, SECRET, password, CARD],
    close: async () => {
      await server.close();
      await test.close();
    },
  };
}

async function platformKey({ platform: { deps }, principal }: TestPlatform): Promise<string> {
  const key = mintApiKey(deps.world, { mode: 'live', kind: 'secret' });
  const { merchant } = principal;
  await insertApiKey(deps.pool, deps.world, { ...key, merchant, scopes: PLATFORM_SCOPES });
  return key.key;
}

/** An error that is logged is one that nobody expected: whatever strangers send, there must be none. */
function watchLog(secrets: string[]) {
  const complaints: string[] = [];
  const write = (line: string) => {
    if (/"level":"(?:error|fatal)"/.test(line) && !line.includes(SET_ASIDE))
      complaints.push(`logged: ${line.slice(0, 1_500)}`);
    for (const secret of secrets)
      if (line.includes(secret))
        complaints.push(`the log holds ${secret.slice(0, 12)}…: ${line.slice(0, 500)}`);
  };
  return { write, complaints, secrets };
}

function exchange(port: number, { method, path, headers, body }: Outgoing): Promise<Answer> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const length = body === null ? {} : { 'content-length': String(body.length) };
    const outgoing = send({
      port,
      host: '127.0.0.1',
      method,
      path,
      headers: { ...headers, ...length },
      timeout: PATIENCE_MS,
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const type = String(response.headers['content-type'] ?? '');
        const head = response.rawHeaders.join('\n');
        const text = `${head}\n\n${Buffer.concat(chunks).toString()}`;
        resolve({ status: response.statusCode ?? 0, type, text, tookMs: performance.now() - began });
      });
    });
    outgoing.end(body);
  });
}

function exchangeRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes, 'latin1'));
    socket.setEncoding('latin1').setTimeout(LIMITS.http.requestTimeoutMs, () => socket.destroy());
    socket.on('data', (chunk: string) => {
      received += chunk;
    });
    socket.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(received) : reject(error),
    );
    socket.once('close', () => resolve(received));
  });
}
