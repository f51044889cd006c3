/** What the connector's tests share: the dialect behind a door that notes what goes through, and PayPal's specifications. */

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Ajv, type ValidateFunction } from 'ajv';
import { onTestFinished } from 'vitest';
import { movableWorld, testSimulator } from '../../simulator/test-kit.ts';
import { paypalConnector } from './connector.ts';

export type Exchange = { route: string; headers: Headers; sent: unknown; status: number; answered: unknown };

/** With a clock of its own the connector does not see the simulator's time pass. */
export async function paypal({ settings = {}, clientSecret = 'secret', ownClock = false } = {}) {
  const world = movableWorld();
  const simulator = await testSimulator({ world, dialectPorts: { paypal: 0 } });
  await simulator.post('/settings', settings);
  const dialect = simulator.dialectUrls.get('paypal') ?? '';
  const { url, exchanges } = await door(dialect);
  const authority = await (await fetch(`${dialect}/v1/notifications/certs/authority`)).text();
  const connector = paypalConnector({
    url,
    credentials: { clientId: 'client', clientSecret },
    environment: 'sandbox',
    authority,
    world: ownClock ? movableWorld() : world,
    limits: { timeoutMs: 1_000, lookUpTimeoutMs: 1_000 },
  });
  onTestFinished(() => connector.close());
  return { connector, simulator, world, dialect, exchanges };
}

/** A server that passes everything on, and keeps what it passed. */
async function door(to: string) {
  const exchanges: Exchange[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString();
    const headers = new Headers(
      Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
    );
    for (const name of ['host', 'connection', 'content-length', 'transfer-encoding']) headers.delete(name);
    const method = request.method ?? 'GET';
    const path = request.url ?? '';
    const init = { method, headers, ...(body === '' ? {} : { body }) };
    const answer = await fetch(`${to}${path}`, init).catch(() => null);
    if (answer === null) return void response.destroy();
    const text = await answer.text();
    exchanges.push({
      route: `${method} ${path.replace(/\/[0-9A-Z]{15,20}(?=\/|$)/, '/{id}')}`,
      headers,
      sent: parse(body),
      status: answer.status,
      answered: parse(text),
    });
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      date: answer.headers.get('date') ?? '',
    });
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, exchanges };
}

type Schema = {
  $ref?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: unknown;
} & { [list in 'allOf' | 'anyOf' | 'oneOf']?: Schema[] };

export type Specification = {
  /** What is wrong with a value by one of its schemas: nothing, where all is well. */
  faults(schema: string, value: unknown): string[];
};

/** One of PayPal's own, as far as it is kept in test/fixtures. */
export function specification(name: string): Specification {
  const file = new URL(`../../../test/fixtures/specs/paypal/${name}.json`, import.meta.url);
  const document = JSON.parse(readFileSync(file, 'utf8')) as {
    components: { schemas: Record<string, Schema> };
  };
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true, unicodeRegExp: false });
  ajv.addSchema(document, name);
  return {
    faults(schema, value) {
      const validate = ajv.getSchema(`${name}#/components/schemas/${schema}`) as ValidateFunction;
      validate(value);
      const errors = (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
      const top = document.components.schemas[schema] as Schema;
      return [...errors, ...strangers(document.components.schemas, [top], value, '')];
    },
  };
}

/** Fields that the specification does not know: it forbids none, so a misspelt one would pass. */
function strangers(schemas: Record<string, Schema>, given: Schema[], value: unknown, path: string): string[] {
  const all = given.flatMap((schema) => flat(schemas, schema));
  if (Array.isArray(value)) {
    const items = all.flatMap(({ items }) => items ?? []);
    return value.flatMap((one, n) => strangers(schemas, items, one, `${path}/${n}`));
  }
  if (typeof value !== 'object' || value === null) return [];
  if (all.some(({ additionalProperties }) => additionalProperties)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const known = all.flatMap(({ properties }) => properties?.[name] ?? []);
    return known.length === 0
      ? [`${path}/${name} is not in the specification`]
      : strangers(schemas, known, inner, `${path}/${name}`);
  });
}

function flat(schemas: Record<string, Schema>, schema: Schema): Schema[] {
  const named = schema.$ref === undefined ? [] : [schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}];
  const parts = [...named, ...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return [schema, ...parts.flatMap((part) => flat(schemas, part))];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text === '' ? null : text;
  }
}
