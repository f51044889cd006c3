/** Where a provider sends the customer's browser after a challenge. */

import type { FastifyReply } from 'fastify';
import { isId } from '../../core/ids.ts';
import { LIMITS } from '../../ops/limits.ts';
import { holdsCardNumber } from '../card-guard.ts';
import { type Context, type Server, traceOf } from '../context.ts';

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

export function returnRoutes(server: Server, { payments }: Context): void {
  server.get(
    '/return/:attempt',
    { exposeHeadRoute: false, schema: { hide: true } },
    async (request, reply) => {
      // The address tells which attempt was paid: nobody after us needs to know.
      reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
      const { attempt } = request.params as { attempt: string };
      const back = isId('attempt', attempt)
        ? await payments.customerReturned(attempt, traceOf(request), queryOf(request.raw.url ?? ''))
        : null;
      if (back === null) return sendPage(reply, 404, 'There is nothing here. Please go back to the shop.');
      if (back.location !== null) return reply.redirect(back.location, 303);
      return sendPage(reply, 200, 'Thank you. You can close this window.');
    },
  );
}

/** For the provider to read, not us. What is too long, or looks like a card number, comes no further than here. */
function queryOf(url: string): string | null {
  const query = url.slice(url.indexOf('?') + 1);
  const taken = url.includes('?') && query !== '' && query.length <= LIMITS.provider.returned;
  return taken && ![...new URLSearchParams(query)].flat().some(holdsCardNumber) ? query : null;
}

function sendPage(reply: FastifyReply, status: number, text: string): FastifyReply {
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Truepenny</title><body style="font:1.2em system-ui;margin:4em auto;max-width:30em;text-align:center"><p>${text}</p></body></html>`;
  return reply
    .code(status)
    .header('content-security-policy', POLICY)
    .type('text/html; charset=utf-8')
    .send(page);
}
