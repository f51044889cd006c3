/** The connector and the simulator's Adyen, with somebody in between who writes down what they say to each other. */

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { mintId } from '../../core/ids.ts';
import { realWorld } from '../../ops/world.ts';
import { adyenSimulator } from '../../simulator/dialects/adyen/test-kit.ts';
import type {
  AuthorizeRequest,
  CaptureRequest,
  CompleteRequest,
  ProviderRequest,
  RefundRequest,
  VoidRequest,
} from '../port.ts';
import { adyenConnector } from './connector.ts';

export const TRACE = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
export const API_KEY = 'AQE_a_secret_that_is_shown_nowhere';
const DEADLINE_MS = 400;

/** One call on the wire; bodies as JSON. */
export type Exchange = { path: string; key: string | null; asked: object; status: number; answered: object };

export async function testPair() {
  const { simulator, world, url } = await adyenSimulator();
  const exchanges: Exchange[] = [];
  const between = await serve(async (request, body) => {
    const headers = {
      'x-api-key': String(request.headers['x-api-key']),
      'idempotency-key': keyOf(request) ?? '',
    };
    const answer = await fetch(`${url}${request.url}`, { method: 'POST', headers, body });
    const text = await answer.text();
    const { status } = answer;
    const path = (request.url ?? '').replace(/\/payments\/\w{16}\//, '/payments/{pspReference}/');
    exchanges.push({
      path,
      key: keyOf(request),
      asked: JSON.parse(body),
      status,
      answered: JSON.parse(text),
    });
    return { status, body: text };
  });
  const perform = performer(between);
  const book = async () => (await simulator.books()).charges[0];
  return { simulator, world, exchanges, book, ...perform };
}

type Said = { status: number; body: string };

/** A provider that always says the same. */
export async function saying(status: number, body: object | string) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return performer(await serve(async () => ({ status, body: text })));
}

function performer(url: string) {
  const options = {
    url,
    apiKey: API_KEY,
    merchantAccount: 'TestMerchant',
    world: realWorld(),
    timeoutMs: DEADLINE_MS,
  };
  const connector = adyenConnector(options);
  onTestFinished(connector.close);
  const perform = async (request: ProviderRequest) => (await connector.perform(request, TRACE)).outcome;
  return { connector, perform };
}

async function serve(answer: (request: IncomingMessage, body: string) => Promise<Said>): Promise<string> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const said = await answer(request, Buffer.concat(parts).toString()).catch(() => null);
    if (said === null) request.socket.destroy();
    else response.writeHead(said.status, { 'content-type': 'application/json' }).end(said.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function keyOf({ headers }: IncomingMessage): string | null {
  const key = headers['idempotency-key'];
  return typeof key === 'string' ? key : null;
}

const random = new Uint8Array(10).fill(5);
const id = (kind: 'payment' | 'attempt' | 'operation', n = 0) => mintId(kind, 1_790_000_000_000 + n, random);
export const COMMON = { attempt: id('attempt'), reference: id('payment'), amount: 4200, currency: 'EUR' };

export function authorize(overrides: Partial<AuthorizeRequest> = {}): AuthorizeRequest {
  return {
    ...COMMON,
    kind: 'authorize',
    providerReference: null,
    operation: id('operation', 1),
    capture: false,
    paymentMethod: { type: 'card', token: 'tok_approve' },
    offSession: false,
    returnUrl: 'http://127.0.0.1:9/return',
    ...overrides,
  };
}

export function complete(providerReference: string, returned: string | null): CompleteRequest {
  return { ...COMMON, kind: 'complete', operation: id('operation', 2), providerReference, returned };
}

export function capture(providerReference: string, amount = 4200): CaptureRequest {
  return {
    ...COMMON,
    kind: 'capture',
    operation: id('operation', 3),
    providerReference,
    amount,
    final: true,
  };
}

export function refund(providerReference: string, amount = 1000): RefundRequest {
  const captureReference = null;
  return {
    ...COMMON,
    kind: 'refund',
    operation: id('operation', 4),
    providerReference,
    captureReference,
    amount,
  };
}

export function voiding(providerReference: string | null): VoidRequest {
  const asked = { capture: false, method: 'card' } as const;
  return { ...COMMON, kind: 'void', operation: id('operation', 5), providerReference, captured: 0, asked };
}
