/** For those who run it: health, readiness, metrics. No key needed, and no secret told. */

import type { FastifySchema } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { type Context, type Server, sendReply } from '../context.ts';

const health = Type.Object({
  status: Type.String(),
  checks: Type.Optional(Type.Record(Type.String(), Type.String())),
});

export function operationsRoutes(
  server: Server,
  { ready, metrics }: Pick<Context, 'ready' | 'metrics'>,
): void {
  server.get(
    '/health/live',
    { schema: open('live', 'The process runs', { 200: health }) },
    async (_request, reply) => sendReply(reply, { status: 200, body: { status: 'live' } }),
  );
  server.get(
    '/health/ready',
    {
      schema: open('ready', 'Payments can be taken; else 503 with what is missing', {
        200: health,
        503: health,
      }),
    },
    async (_request, reply) => {
      const { ok, checks } = await ready();
      const body = { status: ok ? 'ready' : 'not_ready', checks };
      return reply
        .code(ok ? 200 : 503)
        .header('cache-control', 'no-store')
        .type('application/json')
        .send(JSON.stringify(body));
    },
  );
  server.get(
    '/metrics',
    { schema: open('metrics', 'Metrics as Prometheus text', { 200: Type.String() }) },
    async (_request, reply) =>
      reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}

function open(operationId: string, summary: string, response: Record<number, TSchema>): FastifySchema {
  return { operationId, summary, tags: ['Operations'], response } as FastifySchema;
}
