/** From a request to its delivery: the body read, the route found, the journal written, the answer given or not. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { handleAdmin } from './admin.ts';
import { handleChallenge } from './challenge.ts';
import { refuse } from './problems.ts';
import { type Delivery, handleMoney, lookUpCharge, lookUpOperation, type Simulator } from './provider.ts';
import { listTransactions } from './transactions.ts';
import { problem, type Reply } from './view.ts';

/** One line for the log: what happened, with fields that hold no token and no body. */
export type Log = (event: string, fields: Record<string, unknown>) => void;

export type HttpLimits = {
  bodyBytes: number;
  /** A connection that is held without an answer is dropped after this time. */
  holdMs: number;
};

export type Door = { sim: Simulator; limits: HttpLimits; log: Log; monotonic(): number };

export function serve(door: Door, request: IncomingMessage, response: ServerResponse): void {
  const begin = door.monotonic();
  response.on('error', () => undefined); // the caller hung up: there is nobody left to tell
  readBody(request, door.limits.bodyBytes, (body) => {
    void decide(door, request, body).then((what) =>
      door.sim.journal.flushed((error) => {
        if (error !== null) door.log('simulator.journal_failed', { error: error.message });
        const delivery = error === null ? what : problem(refuse('books_not_written'));
        deliver(door, response, delivery);
        logRequest(door, request, delivery, door.monotonic() - begin);
      }),
    );
  });
}

async function decide(door: Door, request: IncomingMessage, body: string | null): Promise<Delivery> {
  if (body === null) return problem(refuse('too_large'));
  try {
    return await route(door.sim, request, body);
  } catch (error) {
    door.log('simulator.failed', { error: error instanceof Error ? error.stack : String(error) });
    return problem(refuse('server_error', 'The simulator has a defect; see its log.'));
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

async function route(sim: Simulator, request: IncomingMessage, body: string): Promise<Delivery> {
  const method = request.method ?? '';
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  if (path.startsWith('/v1/')) return routeProvider(sim, request, path.slice(4), query, body);
  if (path.startsWith('/3ds/')) return handleChallenge(sim, method, path) ?? noRoute();
  const admin = { method, path, query: new URLSearchParams(query), body: body === '' ? {} : parse(body) };
  return handleAdmin(sim, admin) ?? noRoute();
}

async function routeProvider(
  sim: Simulator,
  request: IncomingMessage,
  path: string,
  query: string,
  body: string,
): Promise<Delivery> {
  if (request.method === 'POST') {
    return handleMoney(sim, { path, key: headerOf(request, 'idempotency-key'), body });
  }
  if (request.method === 'GET' && path === 'transactions') {
    return listTransactions(sim, new URLSearchParams(query));
  }
  const [, collection, id] = /^(operations|charges)\/([^/]+)$/.exec(path) ?? [];
  if (request.method !== 'GET' || id === undefined) return noRoute();
  if (collection === 'charges') return lookUpCharge(sim, id);
  return lookUpOperation(sim, id, new URLSearchParams(query).get('reference'));
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

function logRequest({ log }: Door, request: IncomingMessage, delivery: Delivery, durationMs: number): void {
  log('simulator.request', {
    method: request.method,
    path: request.url,
    delivery: typeof delivery === 'string' ? delivery : delivery.status,
    traceparent: headerOf(request, 'traceparent'),
    duration_ms: durationMs,
  });
}

function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
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
