/** What http is given, and what a request carries on its way through. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawServerDefault,
} from 'fastify';
import { type IdKind, isId } from '../core/ids.ts';
import type { Pool } from '../db/pool.ts';
import type { Ledger } from '../features/ledger/types.ts';
import type { Notifications } from '../features/notifications/types.ts';
import type { MoneyRequest, Payments, Principal, Reply } from '../features/payments/types.ts';
import type { Inbox } from '../features/webhooks/receive.ts';
import type { ProviderWebhooks } from '../features/webhooks/types.ts';
import type { Log } from '../ops/log.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { Trace } from '../ops/trace.ts';
import type { World } from '../ops/world.ts';
import { fingerprint } from './fingerprint.ts';
import type { Access } from './permission.ts';
import { type Problem, type ProblemOf, Refused } from './problems.ts';

/** `checks` names what payments need, each with `ok` or what is wrong, without secrets. */
export type Readiness = { ok: boolean; checks: Record<string, string> };

export type HttpDeps = {
  pool: Pool;
  payments: Payments;
  ledger: Ledger;
  notifications: Notifications;
  inbox: Inbox;
  providerWebhooks: ProviderWebhooks;
  log: Log;
  metrics: Metrics;
  world: World;
  ready(): Promise<Readiness>;
  config: {
    /** Where callers reach this server, without a slash at the end: `http://127.0.0.1:8080`. */
    publicUrl: string;
    trustedProxies: number;
  };
};

export type Context = HttpDeps & { problem: ProblemOf };

export type Server = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

declare module 'fastify' {
  interface FastifyRequest {
    trace: Trace | null;
    principal: Principal | null;
    /** The API key: `key_…`. */
    keyId: string | null;
    idempotencyKey: string | null;
  }
  interface FastifyContextConfig {
    access?: Access;
    /** What `:id` in the path names. */
    id?: 'payment' | 'capture' | 'refund';
  }
}

export function traceOf(request: FastifyRequest): Trace {
  return present(request.trace, 'trace');
}

export function principalOf(request: FastifyRequest): Principal {
  return present(request.principal, 'principal');
}

/** Who acts, where that goes on record: the API key. */
export function actorOf(request: FastifyRequest): string {
  return present(request.keyId, 'API key');
}

/** The path's id, well-formed; a malformed one names nothing. */
export function idOf(kind: 'payment' | 'capture' | 'refund', request: FastifyRequest): string {
  const { id } = request.params as { id: string };
  if (isId(kind satisfies IdKind, id)) return id;
  throw new Refused(`${kind}_not_found`);
}

export function moneyRequest<Input>(request: FastifyRequest, input: Input): MoneyRequest<Input> {
  const { id } = request.params as { id?: string };
  const path = (request.routeOptions.url ?? '').replace(':id', id ?? '');
  return {
    principal: principalOf(request),
    idempotencyKey: present(request.idempotencyKey, 'idempotency key'),
    fingerprint: fingerprint(request.method, path, request.body ?? {}),
    ...traceOf(request),
    input,
  };
}

/** Text is sent as it is: a replay gives the very bytes of the first answer. */
export function sendReply(
  reply: FastifyReply,
  { status, body, text, replayed, retryAfterSeconds }: Reply,
): FastifyReply {
  reply.code(status).header('content-type', status >= 400 ? PROBLEM_JSON : JSON_UTF8);
  if (replayed) reply.header('idempotent-replayed', 'true');
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  return reply.send(text ?? (typeof body === 'string' ? body : JSON.stringify(body)));
}

export function sendProblem(
  reply: FastifyReply,
  problem: Problem,
  headers: Record<string, string> = {},
): FastifyReply {
  return sendReply(reply.headers(headers), problem);
}

const PROBLEM_JSON = 'application/problem+json';
const JSON_UTF8 = 'application/json; charset=utf-8';

function present<T>(value: T | null, what: string): T {
  if (value === null) throw new Error(`the request has no ${what}: a hook is missing on its route`);
  return value;
}
