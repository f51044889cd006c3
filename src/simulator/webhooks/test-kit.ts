/** What receives the simulator's webhooks in its tests: a real server, and the signature checked by hand. */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import type { SimulatorOptions } from '../server.ts';
import { CHARGE, movableWorld, type Told, testSimulator } from '../test-kit.ts';

export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=';

export type Received = {
  id: string;
  signed: boolean;
  body: string;
  headers: IncomingHttpHeaders;
  told: Told;
};

/** `answer` gives a status, or null for no answer at all. */
export async function receiver(secret = SECRET) {
  const got: Received[] = [];
  const its = {
    status: 200 as number | null,
    /** The id of a webhook that is answered 500 whatever the status is. */
    refused: null as string | null,
    underWay: 0,
    mostUnderWay: 0,
    brokenOff: 0,
  };
  const server = createServer(async (request, response) => {
    its.underWay += 1;
    its.mostUnderWay = Math.max(its.mostUnderWay, its.underWay);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString();
    const { headers } = request;
    const signed = isSigned(headers, body, secret);
    got.push({ id: String(headers['webhook-id']), signed, body, headers, told: JSON.parse(body) });
    response.once('close', () => {
      if (!response.writableFinished) its.brokenOff += 1;
    });
    if (its.status === null) return;
    const status = headers['webhook-id'] === its.refused ? 500 : its.status;
    response.writeHead(status, { location: '/elsewhere' }).end();
    its.underWay -= 1;
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(close);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/simulator/default`;
  return { url, got, its, close };
}

/** A simulator that tells a receiver of everything, tries again at once, and a clock to move. */
export async function tellingSimulator(settings: object = {}, options: Partial<SimulatorOptions> = {}) {
  const world = movableWorld();
  const target = await receiver();
  const simulator = await testSimulator({ world, ...options });
  await simulator.post('/settings', { webhook_retry_ms: [1], webhook_concurrency: 1, ...settings });
  await simulator.post('/webhook-endpoints', { url: target.url, secret: SECRET });
  return { world, target, simulator, charge: charging(simulator) };
}

/** Sales under operations `op_1`, `op_2` …; gives the charge's id. */
export function charging(simulator: Awaited<ReturnType<typeof testSimulator>>) {
  let n = 0;
  return async (overrides: object = {}): Promise<string> => {
    n += 1;
    const order = { ...CHARGE, reference: `pay_${n}`, attempt: `att_${n}`, operation: `op_${n}` };
    const { body } = await simulator.post('/v1/charges', { ...order, ...overrides }, `op_${n}`);
    return body.charge as string;
  };
}

export async function until(condition: () => unknown): Promise<void> {
  await expect.poll(async () => Boolean(await condition()), { timeout: 10_000, interval: 5 }).toBe(true);
}

export function typesOf(told: readonly Told[]): string[] {
  return told.map(({ type }) => type);
}

function isSigned(headers: IncomingHttpHeaders, body: string, secret: string): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const expected = Buffer.from(`v1,${createHmac('sha256', key).update(content).digest('base64')}`);
  const given = Buffer.from(String(headers['webhook-signature']));
  return given.length === expected.length && timingSafeEqual(given, expected);
}
