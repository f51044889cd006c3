/** A merchant's side: a real HTTP server that writes down what it is sent, and a worker whose clock can be moved. */

import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { untilPast } from '../../../test/support/past.ts';
import { request, sale, type TestPlatform } from '../../../test/support/platform.ts';
import type { Principal } from '../../flow/caller.ts';
import { createNotifications } from './notifications.ts';
import { workOff } from './run.ts';
import { createSender } from './send.ts';
import type { EndpointInput, NotificationDeps, Notifications } from './types.ts';

export type Hook = {
  id: string;
  type: string;
  payment: string | null;
  sequence: number;
  data: Record<string, unknown>;
  created_at: string;
  mode: string;
};
export type Received = { path: string; headers: Record<string, string>; text: string; hook: Hook };

export type Receiver = {
  url: string;
  got: Received[];
  /** What is answered from now on; null: nothing at all. */
  answer: { status: number | null; headers: Record<string, string>; body: string };
  close(): Promise<void>;
};

export async function receiver(): Promise<Receiver> {
  const got: Received[] = [];
  const answer: Receiver['answer'] = { status: 200, headers: {}, body: 'thank you' };
  const server = createServer(async (message, reply) => {
    const parts: Buffer[] = [];
    for await (const part of message) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString();
    const headers = plain(message.headers);
    got.push({ path: message.url ?? '', headers, text, hook: text === '' ? null : JSON.parse(text) });
    respond(reply, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    got,
    answer,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}

function respond(reply: ServerResponse, { status, headers, body }: Receiver['answer']): void {
  if (status !== null) reply.writeHead(status, headers).end(body);
}

function plain(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

export type Endpoint = { id: string; secret: string; status: string; [field: string]: unknown };
export type Attempt = {
  attempted_at: string;
  number: number;
  http_status: number | null;
  error: string | null;
  response: string | null;
};
export type Delivery = {
  id: string;
  event: string;
  type: string;
  status: string;
  attempt_count: number;
  attempts: Attempt[];
};

export type Notifier = {
  deps: NotificationDeps;
  notifications: Notifications;
  /** Moves the worker's clock forward. */
  pass(ms: number): void;
  endpoint(url: string, more?: Partial<EndpointInput>, principal?: Principal): Promise<Endpoint>;
  /** The payment of a sale; its events are in the database. */
  sell(more?: object): Promise<string>;
  /** Works off what is due until it is as expected. */
  until(is: () => unknown, expected: unknown): Promise<void>;
  /** Works off what is due, all that has been committed included: a clock may be moved after it. */
  work(): Promise<number>;
  deliveries(endpoint: string): Promise<Delivery[]>;
  close(): Promise<void>;
};

export function notifier(
  test: TestPlatform,
  allowPrivate = true,
  chainKey: Buffer = test.platform.notifying.chainKey,
): Notifier {
  const { world: real } = test.platform.deps;
  const clock = { aheadMs: 0, sales: 0 };
  const world = { ...real, now: () => real.now() + clock.aheadMs };
  const deps = { ...test.platform.notifying, world, allowPrivate, chainKey };
  const notifications = createNotifications(deps);
  const sender = createSender(world, allowPrivate);
  return {
    deps,
    notifications,
    pass: (ms) => {
      clock.aheadMs += ms;
    },
    endpoint: async (url, more = {}, principal = test.principal) => {
      const input = { url, events: ['*'], ordered: false, description: null, ...more };
      const made = request(test, `endpoint ${world.randomBytes(8).join()}`, input);
      const { status, body } = await notifications.create({ ...made, principal });
      expect(status, JSON.stringify(body)).toBe(200);
      return body as Endpoint;
    },
    sell: async (more = {}) => {
      const key = `sale ${world.randomBytes(8).join()}`;
      const { status, body } = await test.platform.payments.create(
        request(test, key, sale('tok_approve', more)),
      );
      expect(status).toBe(200);
      return (body as { id: string }).id;
    },
    until: async (is, expected) => {
      const now = async () => {
        await workOff(deps, sender);
        return is();
      };
      await expect.poll(now, { timeout: 20_000, interval: 20 }).toEqual(expected);
    },
    work: async () => {
      await untilPast(deps.pool);
      return workOff(deps, sender);
    },
    deliveries: async (endpoint) => {
      const page = { limit: 100, cursor: null, status: null };
      const { body } = await notifications.deliveries(test.principal, endpoint, page);
      return (body as { data: Delivery[] }).data;
    },
    close: () => sender.close(),
  };
}
