/**
 * `POST /webhooks/{provider}/{account}`: where providers tell what happened. The answer says only that it is kept.
 * By `GET` some ask first whether the address is ours.
 */

import type { FastifySchema } from 'fastify';
import type { Received } from '../../features/webhooks/receive.ts';
import { LIMITS } from '../../ops/limits.ts';
import { type Context, type Server, sendReply } from '../context.ts';
import { Refused } from '../problems.ts';

export async function providerWebhookRoutes(server: Server, { inbox }: Context): Promise<void> {
  // A scope of its own: the signature covers the bytes, so nothing may read them before it.
  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.get(
      '/webhooks/:provider/:account',
      { schema: { hide: true } as FastifySchema },
      async (request, reply) => {
        const { provider, account } = request.params as { provider: string; account: string };
        const query = new URLSearchParams(request.url.split('?', 2)[1]);
        const answer = inbox.challenge(provider, account, query);
        if (answer === null) throw new Refused('webhook_account_unknown');
        return reply.type('text/plain').send(answer);
      },
    );
    scope.post(
      '/webhooks/:provider/:account',
      { bodyLimit: LIMITS.inbox.bodyBytes, schema: { hide: true } as FastifySchema },
      async (request, reply) => {
        const { provider, account } = request.params as { provider: string; account: string };
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const received = await inbox.receive(provider, account, {
          headers: headersOf(request.headers),
          body,
        });
        return sendReply(reply, { status: 200, body: { received: accepted(received) } });
      },
    );
  });
}

/** True for a new delivery, false for one that came before: both are answered the same. */
function accepted(received: Received): boolean {
  switch (received.kind) {
    case 'stored':
      return true;
    case 'repeated':
      return false;
    case 'unknown_account':
      throw new Refused('webhook_account_unknown');
    case 'refused':
      throw new Refused('webhook_signature_refused', { reason: received.reason });
    case 'not_ready':
    case 'overloaded':
      throw new Refused('overloaded', {}, { 'retry-after': '2' });
    default:
      return received satisfies never;
  }
}

function headersOf(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
