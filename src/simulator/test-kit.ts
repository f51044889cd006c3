/** What the tests of the simulator share: one that runs on a free port, and plain HTTP to it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { realWorld, type World } from '../ops/world.ts';
import { type SimulatorOptions, startSimulator } from './server.ts';

export type Movement = { id: string; amount: number; operation: string | null };
export type BookedCharge = {
  reference: string;
  attempt: string;
  provider_reference: string;
  currency: string;
  authorized: number;
  captured: number;
  refunded: number;
  voided: number;
  status: string;
  captures: Movement[];
  refunds: Movement[];
  reversals: Movement[];
  returns: (Movement & { of: string })[];
  calls: { operation: string; key: string | null; fault: string | null; http_status: number | null }[];
  calls_total: number;
};
export type BooksPage = {
  charges: BookedCharge[];
  calls_without_charge: BookedCharge['calls'];
  totals: { charges: number; by_currency: { EUR?: Money } };
  next_cursor: string | null;
};
/** A body of any route: the fields that the tests read. */
export type Body = {
  [name in 'charge' | 'status' | 'code' | 'movement' | 'action' | 'tokens' | 'faults']?: unknown;
};
export type Answered = { status: number; body: Body };
export type Money = Record<'authorized' | 'captured' | 'refunded' | 'voided' | 'reversed', number>;
/** One thing that happened, as the list and the webhooks tell it. */
export type Told = {
  id: string;
  type: string;
  created_at: string;
  data: {
    [name in 'reference' | 'attempt' | 'charge' | 'operation' | 'movement' | 'of' | 'code']: string | null;
  } & {
    amount: number;
    currency: string;
    details: object | null;
  };
};
export type ListPage = { transactions: Told[]; next_cursor: string; has_more: boolean };

export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'truepenny-simulator-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** A world whose clock can be put forward. */
export function movableWorld(): World & { forward(ms: number): void } {
  let offset = 0;
  const forward = (ms: number) => {
    offset += ms;
  };
  return { ...realWorld(() => offset), forward };
}

export async function testSimulator(options: Partial<SimulatorOptions> = {}) {
  const dataDir = options.dataDir ?? tempDir();
  const { url, dialectUrls, close } = await startSimulator({
    port: 0,
    host: '127.0.0.1',
    ...options,
    dataDir,
  });
  onTestFinished(close);
  const client = httpClient(url);
  return { url, dialectUrls, close, dataDir, ...client };
}

export function httpClient(url: string) {
  const get = (path: string) => send(`${url}${path}`, { method: 'GET' });
  const post = (path: string, body: unknown, key?: string) =>
    send(`${url}${path}`, {
      method: 'POST',
      headers: key === undefined ? {} : { 'idempotency-key': key },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const remove = (path: string) => send(`${url}${path}`, { method: 'DELETE' });
  const books = async (query = '') => (await get(`/books${query}`)).body as unknown as BooksPage;
  const list = async (query = '') => (await get(`/v1/transactions${query}`)).body as unknown as ListPage;
  return { get, post, remove, books, list };
}

/** One in a process of its own, to be killed. */
export async function childSimulator(dataDir: string, webhook: SimulatorOptions['webhook'] = null) {
  const server = new URL('./server.ts', import.meta.url).href;
  const code = `const { startSimulator } = await import(${JSON.stringify(server)});
    const { url } = await startSimulator({ port: 0, host: '127.0.0.1', ...${JSON.stringify({ dataDir, webhook })} });
    console.log(url);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(kill);
  const [line] = await once(child.stdout, 'data');
  return { url: String(line).trim(), kill };
}

export const CHARGE = {
  amount: 4200,
  currency: 'EUR',
  capture: true,
  reference: 'pay_1',
  attempt: 'att_1',
  operation: 'op_1',
  token: 'tok_approve',
  return_url: 'http://127.0.0.1:9/return',
};

async function send(url: string, init: RequestInit): Promise<Answered> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}
