/** The HTTP server, put together. It knows no business: it lets in what is valid, and answers what comes back. */

import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { LIMITS } from '../ops/limits.ts';
import { collectAddresses } from './addresses.ts';
import { createAuthenticator } from './auth.ts';
import type { Context, HttpDeps, Server } from './context.ts';
import { answerFrameworkError, clientErrorHandler, errorHandler } from './failures.ts';
import { admit, arrive, leave } from './hooks.ts';
import { readJsonBody, refuseHarmful } from './json-body.ts';
import { NOTIFICATION_SCHEMAS } from './notification-schemas.ts';
import { OPENAPI } from './openapi.ts';
import { PLATFORM_SCHEMAS } from './platform-schemas.ts';
import { createProblems, Refused } from './problems.ts';
import { docsRoutes } from './routes/docs.ts';
import { ledgerRoutes } from './routes/ledger.ts';
import { operationsRoutes } from './routes/operations.ts';
import { paymentRoutes } from './routes/payments.ts';
import { platformRoutes } from './routes/platform.ts';
import { providerWebhookRoutes } from './routes/provider-webhooks.ts';
import { resourceRoutes } from './routes/resources.ts';
import { returnRoutes } from './routes/return.ts';
import { webhookEndpointRoutes } from './routes/webhook-endpoints.ts';
import { SHARED_SCHEMAS } from './schemas.ts';
import { validatorCompiler } from './validation.ts';
import { createWindows } from './windows.ts';

const HEADERS_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 65_000;
const CONNECTIONS = 10_000;
const RATED_KEYS = 10_000;

/** Not listening yet: `server.listen({ host: '127.0.0.1', port })`; `server.close()` drains. */
export async function createServer(deps: HttpDeps): Promise<FastifyInstance> {
  const context: Context = { ...deps, problem: createProblems(deps.config.publicUrl) };
  const server = createFastify(context);
  const addresses = collectAddresses(server);
  const state = closing(server);
  acceptJsonOnly(server);
  server
    .decorateRequest('trace', null)
    .decorateRequest('principal', null)
    .decorateRequest('keyId', null)
    .decorateRequest('idempotencyKey', null);
  server.addHook('onRequest', arrive(context, state, addresses));
  server.addHook('onResponse', leave(context, state));
  server.setErrorHandler(errorHandler(context));
  server.setNotFoundHandler(() => {
    throw new Refused('not_found');
  });
  await registerRoutes(server, context);
  await server.ready();
  return server;
}

function createFastify({ problem, config }: Context): Server {
  const server = Fastify({
    logger: false,
    // Counted from this end: what a client itself writes before that counts for nothing. A function, since Fastify trusts
    // nobody for a plain number: it cannot know that only proxies of this machine reach the port.
    trustProxy: config.trustedProxies > 0 && ((_address, hop) => hop < config.trustedProxies),
    bodyLimit: LIMITS.http.bodyBytes,
    requestTimeout: LIMITS.http.requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    return503OnClosing: false,
    clientErrorHandler: clientErrorHandler(problem),
    frameworkErrors: (error, _request, reply) =>
      answerFrameworkError(error, reply as unknown as FastifyReply, problem),
  }).withTypeProvider<TypeBoxTypeProvider>();
  server.server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.server.maxConnections = CONNECTIONS;
  server.setValidatorCompiler(validatorCompiler);
  // Answers are stringified as they are: a schema that lags behind must never cut something out of one.
  server.setSerializerCompiler(() => JSON.stringify);
  return server;
}

/** The pages of the reference send the browser on with its query: what must not be repeated is refused before. */
function refuseHarmfulQuery(
  request: FastifyRequest,
  _reply: FastifyReply,
  done: (error?: Error) => void,
): void {
  try {
    refuseHarmful(request.query, '', 0);
    done();
  } catch (error) {
    done(error as Error);
  }
}

/** While closing, new requests are sent away and running ones end; who does not end in time is cut off. */
function closing(server: Server): { closing: boolean } {
  const state = { closing: false };
  let cutOff: NodeJS.Timeout | undefined;
  server.addHook('preClose', (done) => {
    state.closing = true;
    cutOff = setTimeout(() => server.server.closeAllConnections(), LIMITS.http.shutdownMs);
    done();
  });
  server.addHook('onClose', (_server, done) => {
    clearTimeout(cutOff);
    done();
  });
  return state;
}

function acceptJsonOnly(server: Server): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') return done(new Refused('unsupported_media_type'));
    try {
      done(null, readJsonBody(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

async function registerRoutes(server: Server, context: Context): Promise<void> {
  for (const schema of [...SHARED_SCHEMAS, ...NOTIFICATION_SCHEMAS, ...PLATFORM_SCHEMAS])
    server.addSchema(schema);
  await server.register(swagger, OPENAPI(context.config.publicUrl));
  const rates = createWindows(context.world, {
    limit: LIMITS.http.requestsPerSecond,
    windowMs: 1000,
    names: RATED_KEYS,
  });
  await server.register(
    async (v1) => {
      v1.addHook('onRequest', admit(createAuthenticator(context), rates));
      paymentRoutes(v1 as Server, context);
      resourceRoutes(v1 as Server, context);
      ledgerRoutes(v1 as Server, context);
      webhookEndpointRoutes(v1 as Server, context.notifications);
      platformRoutes(v1 as Server, context.providerWebhooks);
    },
    { prefix: '/v1' },
  );
  operationsRoutes(server, context);
  returnRoutes(server, context);
  await providerWebhookRoutes(server, context);
  docsRoutes(server, context);
  await server.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    uiHooks: { onRequest: refuseHarmfulQuery },
  });
}
