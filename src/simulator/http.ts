/** From a request to its delivery: the body read, the route found, the journal written, the answer given or not. */

import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { handleAdmin } from './admin.ts';
import { handleChallenge } from './challenge.ts';
import { handleMoney, lookUpCharge, lookUpOperation } from './plain.ts';
import { type Refusal, refuse } from './problems.ts';
import { serveDialect } from './provider.ts';
import type { Delivery, Dialect, Simulator, WireRequest } from './simulator.ts';
import { listTransactions } from './transactions.ts';
import { problem, type Reply } from './view.ts';

/** One line for the log: what happened, with fields that hold no token and no body. */
export type Log = (event: string, fields: Record<string, unknown>) => void;

export type HttpLimits = {
  bodyBytes: number;
  /** A connection that is held without an answer is dropped after this time. */
  holdMs: number;
};

export type Door = {
  sim: Simulator;
  /** Null: the plain one, with the simulator's own addresses. */
  dialect: Dialect | null;
  limits: HttpLimits;
  log: Log;
  monotonic(): number;
};

export function serve(door: Door, request: IncomingMessage, response: ServerResponse): void {
  const begin = door.monotonic();
  response.on('error', () => undefined); // the caller hung up: there is nobody left to tell
  readBody(request, door.limits.bodyBytes, (body) => {
    void decide(door, request, body).then((what) =>
      door.sim.journal.flushed((error) => {
        if (error !== null) door.log('simulator.journal_failed', { error: error.message });
        const delivery = error === null ? what : inWords(door, refuse('books_not_written'));
        deliver(door, response, delivery);
        logRequest(door, request, delivery, door.monotonic() - begin);
      }),
    );
  });
}

async function decide(door: Door, request: IncomingMessage, body: string | null): Promise<Delivery> {
  if (body === null) return inWords(door, refuse('too_large'));
  try {
    return await route(door, readRequest(request, body));
  } catch (error) {
    door.log('simulator.failed', { error: error instanceof Error ? error.stack : String(error) });
    return inWords(door, refuse('server_error', 'The simulator has a defect; see its log.'));
  }
}

/** Null for a body beyond the limit. One that breaks off never ends, and is no request. */
function readBody(request: IncomingMessage, limit: number, done: (body: string | null) => void): void {
  const parts: Buffer[] = [];
  let size = 0;
  request.on('error', () => undefined); // as above
  request.on('data', (part: Buffer) => {
    size += part.length;
    if (size <= limit) parts.push(part);
  });
  request.on('end', () => done(size > limit ? null : Buffer.concat(parts).toString()));
}

function inWords({ dialect }: Door, refusal: Refusal): Reply {
  return dialect === null ? problem(refusal) : dialect.refuse(refusal);
}

function readRequest({ method = '', url = '', headers }: IncomingMessage, body: string): WireRequest {
  const [path = '', query = ''] = url.split('?', 2);
  return { method, path, query: new URLSearchParams(query), headers, body };
}

async function route({ sim, dialect }: Door, request: WireRequest): Promise<Delivery> {
  if (dialect !== null) return serveDialect(sim, dialect, request);
  const { method, path, query, body } = request;
  if (path.startsWith('/v1/')) return routeProvider(sim, request, path.slice(4));
  if (path.startsWith('/3ds/')) return handleChallenge(sim, method, path) ?? noRoute();
  const admin = { method, path, query, body: body === '' ? {} : parse(body) };
  return handleAdmin(sim, admin) ?? noRoute();
}

async function routeProvider(
  sim: Simulator,
  { method, query, headers, body }: WireRequest,
  path: string,
): Promise<Delivery> {
  if (method === 'POST') return handleMoney(sim, { path, key: headerOf(headers, 'idempotency-key'), body });
  if (method === 'GET' && path === 'transactions') return listTransactions(sim, query);
  const [, collection, id] = /^(operations|charges)\/([^/]+)$/.exec(path) ?? [];
  if (method !== 'GET' || id === undefined) return noRoute();
  if (collection === 'charges') return lookUpCharge(sim, id);
  return lookUpOperation(sim, id, query.get('reference'));
}

function deliver({ sim, limits }: Door, response: ServerResponse, delivery: Delivery): void {
  if (delivery === 'reset') response.socket?.resetAndDestroy();
  else if (delivery === 'hold') void sim.wait(limits.holdMs).then(() => response.socket?.destroy());
  else answer(response, delivery);
}

function answer(response: ServerResponse, { status, body, headers }: Reply): void {
  const text = body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

function logRequest(door: Door, request: IncomingMessage, delivery: Delivery, durationMs: number): void {
  door.log('simulator.request', {
    method: request.method,
    dialect: door.dialect?.name ?? 'plain',
    path: request.url?.split('?')[0], // a query may name a person
    delivery: typeof delivery === 'string' ? delivery : delivery.status,
    traceparent: headerOf(request.headers, 'traceparent'),
    duration_ms: durationMs,
  });
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
}

function noRoute(): Reply {
  return problem(refuse('no_such_route'));
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
