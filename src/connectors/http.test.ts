import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { realWorld } from '../ops/world.ts';
import { createHttpClient, formBody, type HttpRequest, jsonBody, readJson, xmlBody } from './http.ts';
import { keep } from './record.ts';

/** A provider that answers with what it heard. */
async function echo(path = '') {
  const server = createServer((request, response) => {
    void read(request).then((heard) => {
      response.writeHead(201, { 'Request-Id': 'req_1', 'set-cookie': ['a=1', 'b=2'] });
      response.end(JSON.stringify(heard));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createHttpClient({ url: `http://127.0.0.1:${port}${path}`, world: realWorld() });
  onTestFinished(async () => {
    await client.close();
    server.close();
  });
  return client;
}

async function read(request: IncomingMessage) {
  let body = '';
  for await (const part of request) body += part;
  return { method: request.method, path: request.url, headers: request.headers, body };
}

const TRACE = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
const ASK: HttpRequest = {
  method: 'POST',
  path: '/a?b=1',
  route: '/a',
  key: 'op_1',
  trace: TRACE,
  timeoutMs: 1000,
};

test.each([
  ['JSON', jsonBody({ amount: 4200 }), 'application/json', '{"amount":4200}'],
  [
    'a form',
    formBody({ 'metadata[a b]': 'ü&' }),
    'application/x-www-form-urlencoded',
    'metadata%5Ba+b%5D=%C3%BC%26',
  ],
  ['XML', xmlBody('<a/>'), 'application/xml', '<a/>'],
])(
  '%s is sent with its type, the trace, and what the provider wants in headers',
  async (_, encoded, type, body) => {
    const client = await echo();
    const headers = { ...encoded.headers, authorization: 'Bearer x' };
    const result = await client.send({ ...ASK, body: encoded.body, headers });
    const heard = readJson(result.kind === 'answered' ? result.text : '');
    expect(heard).toMatchObject({
      method: 'POST',
      path: '/a?b=1',
      body,
      headers: { 'content-type': type, authorization: 'Bearer x', traceparent: TRACE.traceparent },
    });
  },
);

test('the path of the address goes before every request’s, and the answer’s headers are told in lower case', async () => {
  const client = await echo('/v72/');
  const result = await client.send({ ...ASK, method: 'GET' });
  expect(result).toMatchObject({
    kind: 'answered',
    status: 201,
    headers: { 'request-id': 'req_1', 'set-cookie': 'a=1, b=2', date: expect.any(String) },
    call: {
      key: 'op_1',
      endpoint: 'GET /a',
      http_status: 201,
      raw_code: null,
      request: null,
      response: null,
    },
  });
  expect(readJson(result.kind === 'answered' ? result.text : '')).toMatchObject({ path: '/v72/a?b=1' });
});

test('of an exchange only the fields that are named are kept, and within bounds', () => {
  const answer = {
    id: 'x',
    card: { number: '4111', type: 'visa' },
    list: [{ id: 'first' }],
    'a[b]': 'c',
    long: 'y'.repeat(999),
  };
  expect(keep(answer, ['id', 'card.type', 'list.0.id', 'a[b]', 'absent', 'card'])).toEqual({
    id: 'x',
    'card.type': 'visa',
    'list.0.id': 'first',
    'a[b]': 'c',
  });
  expect(keep(answer, ['long'])).toEqual({ long: 'y'.repeat(200) });
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`f${n}`, 'z'.repeat(150)]));
  expect(JSON.stringify(keep(many, Object.keys(many))).length).toBeLessThan(2100);
  expect(keep('no object', ['a'])).toBeNull();
  expect(keep({ constructor: 1 }, ['__proto__', 'toString'])).toBeNull();
});

test('of several calls that somebody waits for, each has the time that is left, and none is sent after it', async () => {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(request.url ?? '');
    if (request.url === '/first') response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clock = { ms: 0 };
  const sleeps: number[] = [];
  const world = realWorld();
  const client = createHttpClient({
    url: `http://127.0.0.1:${port}`,
    world: {
      ...world,
      monotonic: () => clock.ms,
      sleep: (ms, signal) => {
        sleeps.push(ms);
        return world.sleep(ms === 5_000 ? ms : 200, signal);
      },
    },
  });
  onTestFinished(async () => {
    await client.close();
    server.close();
  });
  const ask = { ...ASK, method: 'GET', timeoutMs: 5_000, trace: { ...TRACE, untilMs: 12_000 } } as const;
  const asks = async (path: string, atMs: number) => {
    clock.ms = atMs;
    return client.send({ ...ask, path });
  };
  expect(await asks('/first', 0)).toMatchObject({ kind: 'answered' });
  expect(await asks('/second', 9_000)).toMatchObject({ failure: { kind: 'unknown', reason: 'timeout' } });
  expect(await asks('/third', 12_000)).toMatchObject({ kind: 'failed', failure: { kind: 'not_sent' } });
  expect(sleeps).toEqual([5_000, 3_000]);
  expect(heard).toEqual(['/first', '/second']);
});
