import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { realWorld } from '../../ops/world.ts';
import { simulatorConnector } from './connector.ts';
import { authorize, TRACE } from './test-kit.ts';

const DEADLINE_MS = 150;

/** A provider that does to each request, by number, whatever it is told; requests are counted by their bytes. */
async function rawProvider(onRequest: (socket: Socket, count: number) => void) {
  const seen = { requests: 0, connections: 0, keys: [] as (string | undefined)[] };
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    seen.connections += 1;
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      if (!/^(POST|GET) /.test(data.toString())) return;
      seen.keys.push(/idempotency-key: (\S+)/.exec(data.toString())?.[1]);
      seen.requests += 1;
      onRequest(socket, seen.requests);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, server };
}

function connectorTo(url: string, limits = {}) {
  const all = { timeoutMs: DEADLINE_MS, lookUpTimeoutMs: DEADLINE_MS, ...limits };
  const connector = simulatorConnector({ url, world: realWorld(), limits: all });
  onTestFinished(connector.close);
  return connector;
}

const perform = async (connector: ReturnType<typeof connectorTo>, operation = 'op_1') =>
  (await connector.perform(authorize('tok_approve', { operation }), TRACE)).outcome;

function reply(status: string, body: string): string {
  return `HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function spoilt(part: object) {
  return (socket: Socket) => socket.write(approval(part));
}

/** An approval as the provider gives it, but for what a test spoils. */
function approval(spoilt: object): string {
  const right = { operation: 'op_1', status: 'approved', code: '00', charge: 'ch_1', currency: 'EUR' };
  return reply('200 OK', JSON.stringify({ ...right, amount: 4200, amount_captured: 4200, ...spoilt }));
}

test('an answer in order is an approval: what the tests below spoil is all that is wrong', async () => {
  const { url } = await rawProvider((socket) => socket.write(approval({})));
  expect((await perform(connectorTo(url, { responseBytes: 1000 }))).kind).toBe('approved');
});

describe('not sent: only where provably nothing was processed', () => {
  test('nobody listens', async () => {
    const { url, server } = await rawProvider(() => undefined);
    server.close();
    await once(server, 'close');
    expect(await perform(connectorTo(url))).toEqual({
      kind: 'not_sent',
      evidence: 'connection_refused',
      reason: 'ECONNREFUSED',
    });
  });

  test('the name does not resolve', async () => {
    const outcome = await perform(connectorTo('http://nobody.invalid:1', { timeoutMs: 5000 }));
    expect(outcome).toMatchObject({ kind: 'not_sent', evidence: 'connection_refused' });
  });

  test('no connection became free within the deadline, and the call is not sent later either', async () => {
    const { url, seen } = await rawProvider(() => undefined);
    const connector = connectorTo(url, { connections: 1 });
    const outcomes = await Promise.all([perform(connector, 'op_1'), perform(connector, 'op_2')]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['unknown', 'not_sent']);
    await perform(connector, 'op_3');
    expect(seen.keys).toEqual(['op_1', 'op_3']);
  });
});

describe('unknown: everything after the request may have left', () => {
  test.each([
    ['the connection is closed without a word', 'connection_reset', (socket: Socket) => socket.end()],
    ['the connection is reset', 'connection_reset', (socket: Socket) => socket.resetAndDestroy()],
    [
      'the answer breaks off',
      'connection_reset',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'),
    ],
    ['the answer is no HTTP', 'connection_reset', (socket: Socket) => socket.end('nonsense\r\n\r\n')],
    [
      'the answer is no JSON',
      'unreadable_answer',
      (socket: Socket) => socket.write(reply('200 OK', '<html>')),
    ],
    ['the answer speaks of another operation', 'unreadable_answer', spoilt({ operation: 'op_other' })],
    ['the answer is in another currency', 'unreadable_answer', spoilt({ currency: 'USD' })],
    ['the answer lacks the amount', 'unreadable_answer', spoilt({ amount: undefined })],
    ['the amount is a fraction', 'unreadable_answer', spoilt({ amount: 0.5 })],
    ['the answer lacks the charge', 'unreadable_answer', spoilt({ charge: null })],
    ['the status is a new one', 'unreadable_answer', spoilt({ status: 'maybe' })],
    ['the body is beyond the limit', 'unreadable_answer', spoilt({ padding: 'x'.repeat(2000) })],
    [
      'the body never ends',
      'timeout',
      (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'),
    ],
    [
      'a proxy has lost the way',
      'server_error',
      (socket: Socket) => socket.write(reply('502 Bad Gateway', '')),
    ],
    [
      'a proxy refuses',
      'unreadable_answer',
      (socket: Socket) => socket.write(reply('404 Not Found', '<html>')),
    ],
    ['a redirect', 'unreadable_answer', (socket: Socket) => socket.write(reply('302 Found', '{}'))],
    [
      'a conflict that nobody knows',
      'unreadable_answer',
      (socket: Socket) => socket.write(reply('409 Conflict', '{"code":"strange"}')),
    ],
    [
      'the key was used for another request',
      'already_done',
      (socket: Socket) => socket.write(reply('422 U', '{"code":"idempotency_key_reused"}')),
    ],
  ])('%s: %s, and it is sent once', async (_, reason, act) => {
    const { url, seen } = await rawProvider(act);
    expect(await perform(connectorTo(url, { responseBytes: 1000 }))).toEqual({ kind: 'unknown', reason });
    expect(seen.requests).toBe(1);
  });

  test('a connection that was kept alive is closed after the request was read: never sent again', async () => {
    const { url, seen } = await rawProvider((socket, count) => {
      if (count === 1) socket.write(reply('429 Slow down', '{}'));
      else socket.destroy();
    });
    const connector = connectorTo(url, { connections: 1 });
    expect((await perform(connector)).kind).toBe('not_sent');
    expect(await perform(connector)).toEqual({ kind: 'unknown', reason: 'connection_reset' });
    expect(seen).toMatchObject({ requests: 2, connections: 1 });
  });

  test('the connection of a call that was given up is not used for the next one', async () => {
    const { url, seen } = await rawProvider((socket, count) => {
      if (count === 2) socket.write(reply('429 Slow down', '{}'));
    });
    const connector = connectorTo(url, { connections: 1 });
    expect(await perform(connector)).toEqual({ kind: 'unknown', reason: 'timeout' });
    expect((await perform(connector)).kind).toBe('not_sent');
    expect(seen.connections).toBe(2);
  });
});

test.each([
  ['502 Bad Gateway', '', 'server_error'],
  ['429 Slow down', '', 'rate_limited'],
  ['404 Not Found', '<html>', 'unreadable_answer'],
  ['404 Not Found', '{"code":"no_such_route"}', 'no_such_route'],
  ['200 OK', '{"operation":"op_1"}', 'unreadable_answer'],
])('a look-up answered %s %s is no evidence', async (status, body, reason) => {
  const { url } = await rawProvider((socket) => socket.write(reply(status, body)));
  const result = await connectorTo(url).lookUp(authorize('tok_approve', { operation: 'op_1' }), TRACE);
  expect(result).toMatchObject({ kind: 'unavailable', reason });
});

test('the expiry of another charge is no answer', async () => {
  const { url } = await rawProvider((socket) =>
    socket.write(reply('200 OK', '{"id":"ch_other","status":"expired"}')),
  );
  expect(await connectorTo(url).hasExpired('ch_1', TRACE)).toBeNull();
});
