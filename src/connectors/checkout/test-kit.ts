/** The connector and the simulator speaking as Checkout.com; or a Checkout.com that says what a test wants. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { mintId } from '../../core/ids.ts';
import { realWorld } from '../../ops/world.ts';
import { movableWorld, testSimulator } from '../../simulator/test-kit.ts';
import type { Connector, ProviderRequest } from '../port.ts';
import { TRACE } from '../simulator/test-kit.ts';
import { checkoutConnector } from './connector.ts';

export const KEY = 'sk_sbox_shown_nowhere';
const OPTIONS = { secretKey: KEY, channel: 'pc_test', timeoutMs: 300 };

export async function testPair() {
  const world = movableWorld();
  const simulator = await testSimulator({ world, dialectPorts: { checkout: 0 } });
  const url = simulator.dialectUrls.get('checkout') ?? '';
  const connector = checkoutConnector({ ...OPTIONS, url, world });
  onTestFinished(connector.close);
  const book = async () => (await simulator.books()).charges[0];
  return { world, simulator, url, connector, book, ...asking(connector) };
}

/** Gives the same answer to everything. */
export async function saying(status: number, body: object | string) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connector = checkoutConnector({ ...OPTIONS, url, world: realWorld() });
  onTestFinished(async () => {
    await connector.close();
    server.close();
  });
  return { connector, ...asking(connector) };
}

function asking(connector: Connector) {
  const perform = async (request: ProviderRequest) => (await connector.perform(request, TRACE)).outcome;
  const lookUp = async (request: ProviderRequest) => {
    const { call: _, ...result } = await connector.lookUp(request, TRACE);
    return result;
  };
  return { perform, lookUp };
}

const id = (kind: 'payment' | 'attempt' | 'operation', n = 0) =>
  mintId(kind, 1_790_000_000_000 + n, new Uint8Array(10).fill(5));

export const OURS = { attempt: id('attempt'), reference: id('payment') };
/** Of the n-th operation. */
export const ours = (n: number) => ({ ...OURS, operation: id('operation', n) });
