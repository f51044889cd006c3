import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../test/support/http-server.ts';
import { ERROR_CODES } from '../core/errors.ts';

type Operation = {
  operationId: string;
  summary: string;
  parameters?: { name: string; in: string; required?: boolean }[];
  requestBody?: { content: Record<string, { schema: Record<string, unknown> }> };
  responses: Record<
    string,
    { description: string; content: Record<string, unknown>; headers?: Record<string, unknown> }
  >;
};
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
};

let app: TestServer;
let document: Document;

beforeAll(async () => {
  app = await startServer();
  document = (await app.request('GET', '/openapi.json')).body as unknown as Document;
});
afterAll(() => app.stop());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, method, operation })),
  );

test('describes every address that programs are written against, in OpenAPI 3.1', () => {
  expect(document.openapi).toMatch(/^3\.1\./);
  expect(
    operations()
      .map(({ name }) => name)
      .sort(),
  ).toEqual([
    'delete /v1/webhook_endpoints/{id}',
    'get /health/live',
    'get /health/ready',
    'get /metrics',
    'get /v1/captures/{id}',
    'get /v1/exceptions',
    'get /v1/ledger/accounts',
    'get /v1/ledger/journals',
    'get /v1/ledger/trial-balance',
    'get /v1/payments',
    'get /v1/payments/{id}',
    'get /v1/payments/{id}/events',
    'get /v1/payments/{id}/explain',
    'get /v1/provider_webhooks',
    'get /v1/provider_webhooks/{id}',
    'get /v1/refunds/{id}',
    'get /v1/webhook_endpoints',
    'get /v1/webhook_endpoints/{id}',
    'get /v1/webhook_endpoints/{id}/deliveries',
    'get /v1/webhook_replays',
    'get /v1/webhook_replays/{id}',
    'get /v1/webhook_replays/{id}/results',
    'patch /v1/webhook_endpoints/{id}',
    'post /v1/payments',
    'post /v1/payments/{id}/capture',
    'post /v1/payments/{id}/confirm',
    'post /v1/payments/{id}/void',
    'post /v1/refunds',
    'post /v1/webhook_endpoints',
    'post /v1/webhook_endpoints/{id}/redeliver',
    'post /v1/webhook_endpoints/{id}/rotate_secret',
    'post /v1/webhook_endpoints/{id}/test',
    'post /v1/webhook_replays',
    'post /v1/webhook_replays/{id}/approve',
    'post /v1/webhook_replays/{id}/reject',
    'post /v1/webhook_replays/{id}/stop',
  ]);
});

test('gives each operation a name of its own, a summary and its answers, and each POST its idempotency key', () => {
  const named = operations().map(({ operation }) => operation.operationId);
  expect(new Set(named).size).toBe(named.length);
  for (const { name, method, operation } of operations()) {
    expect(operation.summary, name).toBeTruthy();
    expect(Object.keys(operation.responses), name).toContain('200');
    if (method !== 'post') continue;
    expect(operation.parameters, name).toContainEqual(
      expect.objectContaining({ in: 'header', name: 'idempotency-key', required: true }),
    );
    expect(operation.responses['409']?.content, name).toHaveProperty('application/problem+json');
  }
});

test('says what a publishable key is answered, and what headers that are too large are', () => {
  expect(JSON.stringify(document.components)).toContain('pk_test_');
  const keyed = operations().filter(({ name }) => name.includes('/v1/'));
  for (const { name, operation } of keyed) {
    expect(operation.responses['403']?.description, name).toContain('publishable key');
    expect(operation.responses['431']?.content, name).toHaveProperty('application/problem+json');
  }
});

test('says which answers may be those of an earlier request with the same key', () => {
  const marked = (status: string, operation: Operation) =>
    Object.keys(operation.responses[status]?.headers ?? {}).includes('idempotent-replayed');
  for (const { name, method, operation } of operations()) {
    const replays = method === 'post';
    expect([marked('200', operation), marked('422', operation)], name).toEqual([replays, replays]);
    expect([marked('400', operation), marked('503', operation)], name).toEqual([false, false]);
  }
});

test('has every schema that it refers to, and a description on every field of a request', () => {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? '');
  expect(refs.length).toBeGreaterThan(20);
  const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  expect([...new Set(refs)].filter((ref) => !known.includes(ref))).toEqual([]);
  for (const { name, operation } of operations()) {
    const schema = operation.requestBody?.content['application/json']?.schema;
    for (const [field, rule] of Object.entries((schema?.['properties'] ?? {}) as Record<string, object>))
      expect(rule, `${name} ${field}`).toHaveProperty('description');
  }
});

test('a body that may be left out is not called required', () => {
  for (const what of ['confirm', 'capture', 'void'])
    expect(document.paths[`/v1/payments/{id}/${what}`]?.['post']?.requestBody).not.toMatchObject({
      required: true,
    });
  expect(document.paths['/v1/payments']?.['post']?.requestBody).toMatchObject({ required: true });
});

test('the reference page is served from here, without anything from elsewhere', async () => {
  const page = await app.request('GET', '/docs/');
  expect(page.status).toBe(200);
  expect(page.text).toContain('swagger-ui');
  expect(page.text).not.toMatch(/(?:src|href)="https?:/);
  const asset = /src="\.?\/?([^"]*bundle\.js)"/.exec(page.text)?.[1] ?? '';
  expect((await app.request('GET', `/docs/${asset.replace(/^docs\//, '')}`)).status).toBe(200);
});

test('the page on errors has a place for each code, and one for idempotency', async () => {
  const { status, text } = await app.request('GET', '/docs/errors');
  expect(status).toBe(200);
  for (const code of [...ERROR_CODES, 'idempotency']) expect(text).toContain(`id="${code}"`);
});

test('the schemas that events name can be fetched without a key, and nothing else beside them', async () => {
  const found = await app.request('GET', '/schemas/events/capture.succeeded.v1.json');
  expect(found.status).toBe(200);
  expect(found.headers.get('content-type')).toMatch('application/schema+json');
  expect(found.body).toMatchObject({ title: 'truepenny.capture.succeeded.v1', type: 'object' });
  for (const file of [
    'capture.succeeded.v99.json',
    'README.md',
    '..%2Ferrors.md',
    '..%2F..%2F..%2Fpackage.json',
  ])
    expect((await app.request('GET', `/schemas/events/${file}`)).status).toBe(404);
});

test('a card number in the address of the reference is refused, and not sent on', async () => {
  const answer = await app.request('GET', '/docs/static/index.html?limit=4111111111111111', {
    redirect: 'manual',
  });
  expect([answer.status, answer.body['code']]).toEqual([400, 'card_number_refused']);
  expect(`${answer.headers.get('location')} ${answer.text}`).not.toContain('4111');
});
