/** The official SDK, told only where the simulator is. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import braintree from 'braintree';
import { onTestFinished } from 'vitest';
import type { SimulatorOptions } from '../../server.ts';
import { movableWorld, testSimulator } from '../../test-kit.ts';

export const KEYS = { merchantId: 'merchant', publicKey: 'public_key', privateKey: 'private_key' };

export async function braintreeSimulator(options: Partial<SimulatorOptions> = {}) {
  const world = movableWorld();
  const simulator = await testSimulator({ world, dialectPorts: { braintree: 0 }, ...options });
  const url = simulator.dialectUrls.get('braintree') ?? '';
  return { simulator, world, url, gateway: gatewayAt(url) };
}

export function gatewayAt(url: string): braintree.BraintreeGateway {
  const { hostname, port } = new URL(url);
  const environment = new braintree.Environment(hostname, port, url, false, hostname, port);
  return new braintree.BraintreeGateway({ environment, ...KEYS });
}

/** What a search finds, all of it. */
export async function found(stream: NodeJS.ReadableStream): Promise<braintree.Transaction[]> {
  const all: braintree.Transaction[] = [];
  for await (const one of stream) all.push(one as unknown as braintree.Transaction);
  return all;
}

/** Takes every webhook, and gives the forms that came. */
export async function formReceiver() {
  const forms: URLSearchParams[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    forms.push(new URLSearchParams(Buffer.concat(parts).toString()));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, forms };
}
