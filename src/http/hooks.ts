/** What every request passes: trace, shutdown, unknown addresses; and its line in the log at the end. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { continueTrace } from '../ops/trace.ts';
import type { Addresses } from './addresses.ts';
import { type Authenticator, tooMany } from './auth.ts';
import { type Context, idOf } from './context.ts';
import { readIdempotencyKey } from './idempotency-key.ts';
import { refuseHarmfulText } from './json-body.ts';
import { refuseWithoutPermission } from './permission.ts';
import { Refused } from './problems.ts';
import type { Windows } from './windows.ts';

type Done = (error?: Error) => void;

export function arrive({ world }: Context, state: { closing: boolean }, addresses: Addresses) {
  return (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    const trace = continueTrace(request.headers['traceparent'] as string | undefined, world);
    request.trace = trace;
    reply.header('truepenny-request-id', trace.correlation);
    if (state.closing)
      return done(new Refused('shutting_down', {}, { connection: 'close', 'retry-after': '2' }));
    done(request.is404 ? nothingThere(request, addresses) : undefined);
  };
}

function nothingThere(request: FastifyRequest, addresses: Addresses): Refused {
  const [path = ''] = request.url.split('?');
  const methods = addresses.methodsAt(path);
  if (methods.length === 0) return new Refused('not_found');
  return new Refused('method_not_allowed', {}, { allow: methods.join(', ') });
}

/** For everything under /v1: who asks, whether they may, how often, and with which key. */
export function admit(authenticator: Authenticator, rates: Windows) {
  return async (request: FastifyRequest): Promise<void> => {
    const caller = await authenticator.authenticate(request.headers.authorization, request.ip);
    request.principal = caller.principal;
    request.keyId = caller.keyId;
    const waitSeconds = rates.hit(caller.keyId);
    if (waitSeconds > 0) throw tooMany(waitSeconds);
    const { access, id } = request.routeOptions.config;
    if (access) refuseWithoutPermission(caller.principal, access);
    if (id) checkId(id, request);
    if (request.method === 'POST') request.idempotencyKey = readIdempotencyKey(request.raw);
  };
}

function checkId(kind: 'payment' | 'capture' | 'refund', request: FastifyRequest): void {
  refuseHarmfulText((request.params as { id: string }).id, 'id');
  idOf(kind, request);
}

/** One line a request. The route's pattern, never its address: that may hold anything. */
export function leave({ log, metrics }: Context, state: { closing: boolean }) {
  // The fields below are a closed list without secrets: looking for some took a quarter of a request's time.
  const lines = log.child({}, { redact: [] });
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const { method, principal, trace } = request;
    const route = request.routeOptions.url ?? 'none';
    const status = reply.statusCode;
    const durationMs = Math.round(reply.elapsedTime * 100) / 100;
    metrics.httpSeconds.observe({ method, route, status }, reply.elapsedTime / 1000);
    const line = {
      method,
      route,
      status,
      duration_ms: durationMs,
      trace_id: trace?.correlation,
      merchant: principal?.merchant,
    };
    if (status >= 500) lines.error(line, 'request');
    else lines.info(line, 'request');
    // Kept alive it would hold up the shutdown until it times out.
    if (state.closing) request.raw.socket.end();
    done();
  };
}
