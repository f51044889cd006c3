/** Health and metrics of a process that serves nothing else: the worker. */

import Fastify, { type FastifyInstance } from 'fastify';
import type { Context, Server } from './context.ts';
import { operationsRoutes } from './routes/operations.ts';

/** Not listening yet: `monitor.listen({ host: '127.0.0.1', port })`. */
export async function createMonitor(of: Pick<Context, 'ready' | 'metrics'>): Promise<FastifyInstance> {
  const server = Fastify({ logger: false });
  // Answers are text already, and their schemas are for the reference page.
  server.setSerializerCompiler(() => JSON.stringify);
  operationsRoutes(server as unknown as Server, of);
  await server.ready();
  return server;
}
