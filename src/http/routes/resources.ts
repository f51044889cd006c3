/** Refunds, captures, exceptions. */

import { type Static, Type } from 'typebox';
import { LIMITS } from '../../ops/limits.ts';
import { type Context, idOf, moneyRequest, principalOf, type Server, sendReply } from '../context.ts';
import * as field from '../fields.ts';
import { moving, reading } from '../openapi.ts';
import { page, ref } from '../schema-parts.ts';

const write = { scope: 'payments:write' } as const;
const read = { scope: 'payments:read' } as const;

const refundBody = field.strictObject({
  payment: field.id('payment', 'What to refund.'),
  amount: Type.Optional(field.amount),
  reason: Type.Optional(field.reason),
  metadata: Type.Optional(field.metadata),
});
const exceptionsQuery = field.strictObject({
  limit: Type.Optional(field.limit),
  cursor: Type.Optional(field.id('exception', 'next_cursor of the page before.')),
});

export function resourceRoutes(server: Server, context: Context): void {
  refundRoutes(server, context);
  otherRoutes(server, context);
}

function refundRoutes(server: Server, { payments }: Context): void {
  const tag = 'Refunds';
  server.post(
    '/refunds',
    {
      config: { access: write },
      schema: moving({
        id: 'createRefund',
        tag,
        summary: 'Refund a captured payment, or a part of it',
        body: refundBody,
        answers: { 200: ref('Refund'), 202: ref('Refund') },
      }),
    },
    async (request, reply) => {
      const {
        payment,
        amount = null,
        reason = null,
        metadata = {},
      } = request.body as Static<typeof refundBody>;
      const input = { payment, amount, reason, metadata: metadata as Record<string, string> };
      return sendReply(reply, await payments.refund(moneyRequest(request, input)));
    },
  );
  server.get(
    '/refunds/:id',
    {
      config: { access: read, id: 'refund' },
      schema: reading({
        id: 'retrieveRefund',
        tag,
        summary: 'Retrieve a refund',
        params: field.strictObject({ id: field.id('refund', 'The refund.') }),
        answers: { 200: ref('Refund') },
      }),
    },
    async (request, reply) =>
      sendReply(reply, await payments.retrieveRefund(principalOf(request), idOf('refund', request))),
  );
}

function otherRoutes(server: Server, { payments }: Context): void {
  server.get(
    '/captures/:id',
    {
      config: { access: read, id: 'capture' },
      schema: reading({
        id: 'retrieveCapture',
        tag: 'Captures',
        summary: 'Retrieve a capture',
        params: field.strictObject({ id: field.id('capture', 'The capture.') }),
        answers: { 200: ref('Capture') },
      }),
    },
    async (request, reply) =>
      sendReply(reply, await payments.retrieveCapture(principalOf(request), idOf('capture', request))),
  );
  server.get(
    '/exceptions',
    {
      config: { access: read },
      schema: reading({
        id: 'listExceptions',
        tag: 'Payments',
        summary: 'What needs a person, oldest first',
        querystring: exceptionsQuery,
        answers: { 200: page('Exception') },
      }),
    },
    async (request, reply) => {
      const query = request.query as Static<typeof exceptionsQuery>;
      const { limit = LIMITS.http.pageSizeDefault, cursor = null } = query;
      return sendReply(reply, await payments.exceptions(principalOf(request), { limit, cursor }));
    },
  );
}
