import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, startServer, type TestServer } from '../../test/support/http-server.ts';
import { mintId } from '../core/ids.ts';
import type { CreateInput, MoneyRequest } from '../features/payments/types.ts';
import { Overloaded } from '../flow/commit.ts';
import { realWorld } from '../ops/world.ts';

const world = realWorld();
const someId = (kind: 'payment' | 'capture' | 'refund' | 'attempt') =>
  mintId(kind, world.now(), world.randomBytes(10));
const payment = someId('payment');

let app: TestServer;
let secret: string;

beforeAll(async () => {
  app = await startServer();
  secret = (await app.makeKey()).key;
});
afterAll(() => app.stop());
beforeEach(() => {
  app.features.calls.length = 0;
  app.features.answer.next = async () => ({ status: 200, body: { object: 'done' } });
});

const bearer = (key = secret) => ({ authorization: `Bearer ${key}` });
const get = (path: string, headers: Record<string, string> = bearer()) =>
  app.request('GET', path, { headers });

function post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return app.request('POST', path, {
    headers: { ...bearer(), 'idempotency-key': 'k-1', ...type, ...headers },
    ...(body !== undefined && { body: text }),
  });
}

function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body['code'] }).toEqual({ status, code });
  expect(answer.headers.get('content-type')).toMatch('application/problem+json');
  expect(answer.body).toMatchObject({
    status: expect.any(Number),
    title: expect.any(String),
    detail: expect.any(String),
  });
  expect(answer.body['type']).toBe(`http://api.test/docs/errors#${code}`);
  expect(['same_key', 'new_key', 'no']).toContain(answer.body['retry']);
}

const sale = {
  amount: 4200,
  currency: 'EUR',
  confirm: true,
  payment_method: { type: 'card', token: 'tok_approve' },
};

describe('a valid request', () => {
  test('reaches the feature with its defaults, its principal, its key and its trace', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const answer = await post('/v1/payments', { ...sale, customer: { id: 'c1' } }, { traceparent });
    expect(answer).toMatchObject({ status: 200, body: { object: 'done' } });
    expect(answer.headers.get('truepenny-request-id')).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
    const [call] = app.features.calls;
    const request = call?.args[0] as MoneyRequest<CreateInput>;
    expect(request).toMatchObject({
      principal: { merchant: app.merchant, mode: 'test', kind: 'secret' },
      idempotencyKey: 'k-1',
      correlation: '4bf92f3577b34da6a3ce929d0e0e4736',
      input: {
        amount: 4200,
        capture_method: 'automatic',
        allow_partial_authorization: false,
        reference: null,
        details: { metadata: {}, customer: { id: 'c1', name: null, email: null }, channel: null },
      },
    });
    expect(request.traceparent).toMatch(
      /^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$/,
    );
  });

  test.each(['confirm', 'capture', 'void'])(
    'may %s a payment without a body, with and without a content type',
    async (what) => {
      for (const headers of [{}, { 'content-type': 'application/json' }]) {
        const answer = await app.request('POST', `/v1/payments/${payment}/${what}`, {
          headers: { ...bearer(), 'idempotency-key': 'k', ...headers },
        });
        expect(answer.status).toBe(200);
      }
      expect(app.features.calls.map((c) => (c.args[0] as { input: object }).input)).toEqual([
        expect.objectContaining({ payment }),
        expect.objectContaining({ payment }),
      ]);
    },
  );

  test('lists with filters, times in UTC', async () => {
    await get(
      `/v1/payments?limit=5&status=captured&currency=EUR&created_from=2026-01-31T12:00:00%2B02:00&cursor=${payment}`,
    );
    expect(app.features.calls[0]?.args[1]).toEqual({
      limit: 5,
      cursor: payment,
      status: 'captured',
      reference: null,
      currency: 'EUR',
      created_from: '2026-01-31T10:00:00.000Z',
      created_to: null,
    });
  });

  test('is answered with the stored bytes, marked, when it is a replay', async () => {
    const body = '{"b":1,  "a":2}';
    app.features.answer.next = async () => ({ status: 202, body, replayed: true, retryAfterSeconds: 3 });
    const answer = await post('/v1/payments', sale);
    expect(answer).toMatchObject({ status: 202, text: body });
    expect(answer.headers.get('idempotent-replayed')).toBe('true');
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(answer.headers.get('content-type')).toMatch('application/json');
  });

  test('gets the problem documents of the features as such', async () => {
    app.features.answer.next = async () => ({ status: 409, body: { code: 'stream_busy' } });
    expect((await post('/v1/payments', sale)).headers.get('content-type')).toMatch(
      'application/problem+json',
    );
  });
});

describe('every failure is a problem document', () => {
  test('an unknown address', async () => {
    expectProblem(await get('/v1/nothing'), 404, 'not_found');
    expectProblem(await post('/nothing', 'no json at all'), 404, 'not_found');
  });

  test('a method that the address does not take, with those that it takes', async () => {
    const answer = await app.request('DELETE', `/v1/payments/${payment}`, { headers: bearer() });
    expectProblem(answer, 405, 'method_not_allowed');
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
    expect((await app.request('PUT', '/v1/refunds')).headers.get('allow')).toBe('POST');
  });

  test.each(['{', '', '{"a":}', '[1', 'nul', '{"a":1}x'])('no JSON: %j', async (text) => {
    if (text !== '') expectProblem(await post('/v1/payments', text), 400, 'invalid_json');
    else expectProblem(await post('/v1/payments', ''), 400, 'invalid_request');
  });

  test.each(['[]', 'null', '1', '"x"', 'true'])('JSON that is no object: %s', async (text) => {
    expectProblem(await post(`/v1/payments/${payment}/void`, text), 400, 'invalid_request');
  });

  test.each([
    ['{"amount":1,"currency":"EUR","amount":2}', '/amount'],
    ['{"amount":1,"amount":1}', '/amount'],
    ['{"amount":1,"a\\u006dount":2}', '/amount'],
    ['{"amount" : 1,\n"amount":2}', '/amount'],
    [
      '{"payment_method":{"type":"card","token":"tok_a","token":"tok_b"},"amount":1}',
      '/payment_method/token',
    ],
    ['{"payment_method":{"token":"a","token":"b"},"payment_method":{"token":"c"}}', '/payment_method/token'],
    ['{"payment_method":[{"token":"a"},{"token":"b"},{"token":"c","token":"d"}]}', '/payment_method/token'],
    ['{"metadata":{"b\\":1,":"x","my secret":"1","my secret":"2"}}', '/metadata'],
    ['{"__proto__":1,"amount":2,"amount":3}', ''],
  ])('a body that says two things of one field: %s', async (text, field) => {
    const answer = await post('/v1/payments', text);
    expectProblem(answer, 400, 'invalid_request');
    const [error] = answer.body['errors'] as { field: string; code: string }[];
    if (field !== '') expect(error).toMatchObject({ field, code: 'duplicate_field' });
    expect(answer.text).not.toContain('secret');
  });

  test('a card number as the name of a field that comes twice is refused, and not told', async () => {
    const answer = await post(
      '/v1/payments',
      '{"metadata":{"4242424242424242":1,"4242424242424242":2},"metadata":{}}',
    );
    expectProblem(answer, 400, 'card_number_refused');
    expect(answer.text).not.toContain('4242');
  });

  test('the same name in two objects, and names inside a text, are no repetition', async () => {
    const metadata = '{"type":"card","token":"\\"a\\":1, \\"a\\": 2","note":":\\"amount\\":","last":":"}';
    const text = `{"amount":1,"currency":"EUR","payment_method":{"type":"card","token":"tok_approve"},"metadata":${metadata}}`;
    expect((await post('/v1/payments', text)).status).toBe(200);
  });

  test('text that is not UTF-8', async () => {
    const answer = await app.request('POST', '/v1/payments', {
      headers: { ...bearer(), 'idempotency-key': 'k', 'content-type': 'application/json' },
      body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    });
    expectProblem(answer, 400, 'invalid_json');
  });

  test.each([
    'text/plain',
    'application/xml',
    'multipart/form-data',
    'application/x-www-form-urlencoded',
    '///',
  ])('the content type %s', async (type) => {
    expectProblem(await post('/v1/payments', '{}', { 'content-type': type }), 415, 'unsupported_media_type');
  });

  test('a compressed body', async () => {
    expectProblem(
      await post('/v1/payments', '{}', { 'content-encoding': 'gzip' }),
      415,
      'unsupported_media_type',
    );
  });

  test('a body that is too large', async () => {
    expectProblem(await post('/v1/payments', { description: 'x'.repeat(70_000) }), 413, 'body_too_large');
  });

  test('a body nested beyond reason', async () => {
    const deep = (text: string) => `{"metadata":${'{"a":'.repeat(9000)}${text}${'}'.repeat(9000)}}`;
    expectProblem(await post('/v1/payments', deep('1')), 400, 'invalid_request');
    const suspicious = await post('/v1/payments', deep('"\\u0041"'));
    expect(suspicious.status).toBe(400);
    expect(['invalid_json', 'invalid_request']).toContain(suspicious.body['code']);
  });

  test('an address that cannot be decoded', async () => {
    const answer = await get('/v1/payments/%ff');
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.body['detail']).toContain('an address that can be decoded');
  });

  test('an address that is too long, and an id that is', async () => {
    const answer = await get(`/v1/payments/${'a'.repeat(500)}`);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
  });

  test('an unexpected exception, which is logged and not told', async () => {
    app.features.answer.next = async () => {
      throw new Error('secret detail of the inside');
    };
    const answer = await post('/v1/payments', sale);
    expectProblem(answer, 500, 'internal_error');
    expect(answer.body).toMatchObject({ retry: 'same_key', outcome: 'unknown' });
    expect(answer.text).not.toContain('secret detail');
    expect(app.lines.join('')).toContain('secret detail');
  });

  test('an overload, with the time to wait', async () => {
    app.features.answer.next = async () => {
      throw new Overloaded();
    };
    const answer = await post('/v1/payments', sale);
    expectProblem(answer, 503, 'overloaded');
    expect(answer.headers.get('retry-after')).toBe('2');
  });

  test('what is no HTTP at all', async () => {
    const answer = await app.sendRaw('GET / HTTP/9.9\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain('"code":"invalid_request"');
    expect(answer).toContain('"detail":"Send the request in the form of HTTP/1.1."');
  });

  test('headers that are too large', async () => {
    const answer = await app.sendRaw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('"status":431');
    expect(answer).toContain('"detail":"Send less than 16 KiB of headers');
  });
});

describe('the idempotency key', () => {
  const keyed = async (key: string | undefined) => {
    const headers = {
      ...bearer(),
      'content-type': 'application/json',
      ...(key !== undefined && { 'idempotency-key': key }),
    };
    return app.request('POST', '/v1/payments', { headers, body: JSON.stringify(sale) });
  };
  const received = () =>
    app.features.calls.map((c) => (c.args[0] as { idempotencyKey: string }).idempotencyKey);

  test('is required, with a link to the page about it', async () => {
    const answer = await keyed(undefined);
    expectProblem(answer, 400, 'idempotency_key_missing');
    expect(answer.body['documentation']).toBe('http://api.test/docs/errors#idempotency');
  });

  test('is the same bare and quoted', async () => {
    for (const key of ['order-1', '"order-1"', 'a"b\\c', '"a\\"b\\\\c"']) await keyed(key);
    expect(received()).toEqual(['order-1', 'order-1', 'a"b\\c', 'a"b\\c']);
  });

  test('has 1 to 255 characters', async () => {
    expect((await keyed('x'.repeat(255))).status).toBe(200);
    expect((await keyed(`"${'x'.repeat(255)}"`)).status).toBe(200);
    expectProblem(await keyed('x'.repeat(256)), 400, 'idempotency_key_invalid');
    expectProblem(await keyed('""'), 400, 'idempotency_key_invalid');
  });

  test.each(['"open', '"a"b"', '"a";x=1', '"a\\x"', 'caf\u00e9', 'a\tb'])(
    'is refused when malformed: %j',
    async (key) => {
      expectProblem(await keyed(key), 400, 'idempotency_key_invalid');
    },
  );

  test('is refused when sent twice', async () => {
    const head = `POST /v1/payments HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${secret}\r\n`;
    const answer = await app.sendRaw(
      `${head}Idempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 0\r\n\r\n`,
    );
    expect(answer).toContain('"code":"idempotency_key_invalid"');
  });
});

describe('operations', () => {
  test('live and ready need no key; not ready says why', async () => {
    expect(await get('/health/live', {})).toMatchObject({ status: 200, body: { status: 'live' } });
    expect(await get('/health/ready', {})).toMatchObject({ status: 200, body: { status: 'ready' } });
    app.readiness.now = { ok: false, checks: { database: 'no connection' } };
    const answer = await get('/health/ready', {});
    expect(answer).toMatchObject({
      status: 503,
      body: { status: 'not_ready', checks: { database: 'no connection' } },
    });
    app.readiness.now = { ok: true, checks: {} };
  });

  test('metrics count requests by route pattern', async () => {
    await get(`/v1/payments/${payment}`);
    const { text } = await get('/metrics', {});
    expect(text).toMatch(
      /truepenny_http_request_seconds_count\{method="GET",route="\/v1\/payments\/:id",status="200"\}/,
    );
    expect(text).not.toContain(payment);
  });

  test('each request leaves one line, with pattern, status, trace and merchant', async () => {
    app.lines.length = 0;
    const answer = await get(`/v1/payments/${payment}?limit=1`);
    await expect.poll(() => app.lines.length).toBe(1);
    expect(JSON.parse(app.lines[0] ?? '')).toMatchObject({
      level: 'info',
      method: 'GET',
      route: '/v1/payments/:id',
      status: 200,
      duration_ms: expect.any(Number),
      trace_id: answer.headers.get('truepenny-request-id'),
      merchant: app.merchant,
    });
  });
});

describe("the customer's return", () => {
  const attempt = someId('attempt');

  test('goes on to the shop', async () => {
    app.features.back.location = 'https://shop.example/done';
    const answer = await get(`/return/${attempt}`, {});
    expect([answer.status, answer.headers.get('location')]).toEqual([303, 'https://shop.example/done']);
    expect(app.features.calls).toEqual([
      {
        name: 'customerReturned',
        args: [attempt, expect.objectContaining({ correlation: expect.any(String) }), null],
      },
    ]);
  });

  test('ends at a small page where there is no shop to go to', async () => {
    app.features.back.location = null;
    const answer = await get(`/return/${attempt}`, {});
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('You can close this window')]);
  });

  test('finds nothing under another address, and a HEAD has no effect', async () => {
    expect(await get('/return/att_1', {})).toMatchObject({
      status: 404,
      text: expect.stringContaining('nothing here'),
    });
    expect((await app.request('HEAD', `/return/${attempt}`)).status).toBe(405);
    expect(app.features.calls).toEqual([]);
  });
});
