/** Requests for an operation: mostly as its description has them, each time with some of it gone wrong. */

import fc from 'fast-check';
import { hostileText, hostileValue, spoiled } from './hostile.ts';
import { allowedBy, type Known, type Schema } from './schema-values.ts';
import type { Operation, Parameter } from './surface.ts';

export type Body =
  | { kind: 'none' }
  | { kind: 'json'; value: unknown }
  /** As latin1, so that any byte can be in it. */
  | { kind: 'raw'; bytes: string };

export type Drafted = {
  path: Record<string, unknown>;
  query: [string, unknown][];
  headers: Record<string, string>;
  body: Body;
};

/** Nothing wrong with it, as far as the description tells. */
export function goodRequest({ parameters, body }: Operation, known: Known): fc.Arbitrary<Drafted> {
  const path = Object.fromEntries(
    ofPlace(parameters, 'path').map((p) => [p.name, allowedBy(p.schema, known)]),
  );
  return fc.record({
    path: fc.record(path),
    query: fc.tuple(...ofPlace(parameters, 'query').map((p) => perhaps(p, known))).map((all) => all.flat(1)),
    headers: goodHeaders(parameters),
    body: body === null ? fc.constant<Body>({ kind: 'none' }) : jsonBody(allowedBy(body, known)),
  });
}

/** One of its parts, at least, is hostile. */
export function badRequest(operation: Operation, known: Known): fc.Arbitrary<Drafted> {
  const good = goodRequest(operation, known);
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(good, badBody(operation.body, known)).map(([g, body]) => ({ ...g, body })),
    },
    { weight: 2, arbitrary: fc.tuple(good, badPath(operation)).map(([g, path]) => ({ ...g, path })) },
    { weight: 2, arbitrary: fc.tuple(good, badQuery(operation)).map(([g, query]) => ({ ...g, query })) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(good, badHeaders())
        .map(([g, bad]) => ({ ...g, headers: { ...g.headers, ...bad } })),
    },
  );
}

function ofPlace(parameters: readonly Parameter[], place: Parameter['in']): Parameter[] {
  return parameters.filter((p) => p.in === place);
}

function perhaps({ name, schema }: Parameter, known: Known): fc.Arbitrary<[string, unknown][]> {
  return fc.oneof(
    fc.constant<[string, unknown][]>([]),
    allowedBy(schema, known).map((value): [string, unknown][] => [[name, value]]),
  );
}

/** Stands for a key that nobody has used, until the request is sent. */
export const FRESH_KEY = 'fresh';

/** A fresh key mostly; now and then one of a few, so that requests meet under one key. */
function goodHeaders(parameters: readonly Parameter[]): fc.Arbitrary<Record<string, string>> {
  if (!parameters.some((p) => p.name === 'idempotency-key')) return fc.constant({});
  const key = fc.oneof(
    { weight: 5, arbitrary: fc.constant(FRESH_KEY) },
    { weight: 1, arbitrary: fc.constantFrom('k1', 'k2', '"k1"') },
  );
  return key.map((k) => ({ 'idempotency-key': k }));
}

function jsonBody(value: fc.Arbitrary<unknown>): fc.Arbitrary<Body> {
  return value.map((v) => ({ kind: 'json', value: v }));
}

const RAW = [
  '',
  '{',
  '{"amount":',
  'null',
  '[]',
  '"text"',
  '{"amount":1e400,"currency":"EUR"}',
  '{"amount":4200.0000000000000001,"currency":"EUR"}',
  '{"amount":4200,"amount":1,"currency":"EUR"}',
  '{"amount":-0,"currency":"EUR"}',
  '{"amount":NaN}',
  '\xef\xbb\xbf{}',
  '{"reference":"\xff\xfe"}',
  '{"a":"\\ud800"}',
  '{"a":"\\u0000"}',
  '\0\0\0\0',
  `${'['.repeat(20_000)}`,
  `{"description":"${'x'.repeat(70_000)}"}`,
  `{${Array.from({ length: 3_000 }, (_, n) => `"k${n}":${n}`).join(',')}}`,
];

function badBody(schema: Schema | null, known: Known): fc.Arbitrary<Body> {
  const raw = fc.oneof(
    fc.constantFrom(...RAW),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  );
  const other = fc.oneof(
    raw.map((bytes): Body => ({ kind: 'raw', bytes })),
    jsonBody(hostileValue),
  );
  if (schema === null) return other;
  return fc.oneof(
    { weight: 4, arbitrary: jsonBody(spoiled(allowedBy(schema, known))) },
    { weight: 1, arbitrary: other },
  );
}

function badPath({ parameters }: Operation): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(Object.fromEntries(ofPlace(parameters, 'path').map((p) => [p.name, hostileText])));
}

function badQuery({ parameters }: Operation): fc.Arbitrary<[string, unknown][]> {
  const known = [...ofPlace(parameters, 'query').map((p) => p.name), 'limit', 'id'];
  const name = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: hostileText },
  );
  return fc.array(fc.tuple(name, hostileText), { minLength: 1, maxLength: 4 });
}

const HEADERS = [
  'authorization',
  'idempotency-key',
  'content-type',
  'content-encoding',
  'traceparent',
  'accept',
  'if-match',
  'x-forwarded-for',
  'x-http-method-override',
  'webhook-signature',
  'webhook-timestamp',
  'webhook-id',
];
const HEADER_VALUES = [
  '',
  'Bearer',
  'Bearer ',
  'Basic dXNlcjpwYXNz',
  'Bearer sk_test_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  `Bearer ${'A'.repeat(5_000)}`,
  'text/plain',
  'application/json; charset=utf-16',
  'multipart/form-data; boundary=x',
  'gzip',
  'deflate, br',
  '00-00000000000000000000000000000000-0000000000000000-00',
  '"unterminated',
  '"a\\"b"',
  'a, b',
  'v1,AAAA',
  '99999999999',
];

/** What Node would not send as a header is left out of it; `http.ts` sends bytes that are no HTTP by themselves. */
function badHeaders(): fc.Arbitrary<Record<string, string>> {
  const value = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...HEADER_VALUES) },
    { weight: 1, arbitrary: hostileText.map((text) => text.replaceAll(/[^\t -~\u0080-\u00ff]/g, '')) },
  );
  return fc.dictionary(fc.constantFrom(...HEADERS), value, { minKeys: 1, maxKeys: 3 });
}
