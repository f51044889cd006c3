/** The connector and the simulator speaking as Stripe, over loopback; or a Stripe that says what a test wants. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { realWorld } from '../../ops/world.ts';
import type { SimulatorOptions } from '../../simulator/server.ts';
import { movableWorld, testSimulator } from '../../simulator/test-kit.ts';
import type { Connector, ProviderRequest } from '../port.ts';
import { TRACE } from '../simulator/test-kit.ts';
import { stripeConnector } from './connector.ts';

/** Far below those of production, so that a timeout is a matter of milliseconds. */
const LIMITS = { timeoutMs: 200, lookUpTimeoutMs: 500 };
const KEY = 'sk_test_simulator';

export async function testPair(options: Partial<SimulatorOptions> = {}) {
  const world = movableWorld();
  const simulator = await testSimulator({ world, dialectPorts: { stripe: 0 }, ...options });
  const url = simulator.dialectUrls.get('stripe') ?? '';
  const settings = { multicapture: true };
  const connector = stripeConnector({ url, secretKey: KEY, settings, world, limits: LIMITS });
  onTestFinished(connector.close);
  await simulator.post('/settings', { slow_ms: 20 });
  const book = async () => (await simulator.books()).charges[0];
  /** Something that the merchant does in Stripe's dashboard, or a bank does by itself. */
  const act = async (action: string, body: object = {}) =>
    simulator.post(`/charges/${(await book())?.provider_reference}/${action}`, body);
  return { world, simulator, url, connector, book, act, ...asking(connector) };
}

/** A Stripe that gives the same answer to everything, and keeps what it was asked. */
export async function sayingStripe(status: number, body: unknown, headers: Record<string, string> = {}) {
  const asked: { url: string; headers: Record<string, unknown>; body: string }[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (part) => {
      text += part;
    });
    request.on('end', () => {
      asked.push({ url: request.url ?? '', headers: request.headers, body: text });
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = { multicapture: false };
  const connector = stripeConnector({ url, secretKey: KEY, settings, world: realWorld(), limits: LIMITS });
  onTestFinished(async () => {
    await connector.close();
    server.close();
  });
  return { asked, url, connector, ...asking(connector) };
}

function asking(connector: Connector) {
  const perform = async (request: ProviderRequest) => (await connector.perform(request, TRACE)).outcome;
  const lookUp = async (request: ProviderRequest) => {
    const { call: _, ...result } = await connector.lookUp(request, TRACE);
    return result;
  };
  return { perform, lookUp };
}
