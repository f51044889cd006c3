/** Webhooks to merchants: endpoints, their secrets, what was sent to them, and sending it again. */

import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { isId } from '../../core/ids.ts';
import { PUBLISHED_VERSIONS, publishedType } from '../../core/payment/published.ts';
import type { EndpointPatch, Notifications, RedeliverInput } from '../../features/notifications/types.ts';
import { LIMITS } from '../../ops/limits.ts';
import { moneyRequest, principalOf, type Server, sendReply } from '../context.ts';
import * as field from '../fields.ts';
import { moving, reading } from '../openapi.ts';
import { Refused } from '../problems.ts';
import { page, ref } from '../schema-parts.ts';

const tag = 'Webhooks';
const write = { scope: 'payments:write' } as const;
const read = { scope: 'payments:read' } as const;
const { filters } = LIMITS.notifications;
const { pageSizeDefault } = LIMITS.http;

const params = field.strictObject({ id: field.id('endpoint', 'The endpoint.') });
const url = Type.String({
  minLength: 1,
  maxLength: LIMITS.fields.returnUrl,
  pattern: '^https?://[^\\u0000-\\u0020\\u007f-\\u009f\\\\]+$',
  description: 'Where events are sent: https, on the public internet. Redirects are not followed.',
  examples: ['https://shop.example/webhooks'],
});
const types = Object.keys(PUBLISHED_VERSIONS).map(publishedType).sort();
const groups = new Set(types.map((type) => `${type.split('.')[0]}.*`));
/** No others: a filter that is misspelt would never match, and nobody would be told. */
const filter = Type.Enum(['*', ...groups, ...types], {
  type: 'string',
  description: 'A type, a group of types, or everything.',
});
const events = Type.Array(filter, {
  minItems: 1,
  maxItems: filters,
  description: 'Which events: types such as refund.succeeded, groups such as payment.*, or *.',
  examples: [['payment.*', 'refund.succeeded']],
});
const ordered = field.flag(
  false,
  'Send the next event of a payment only once the one before has arrived or was given up.',
);
const status = Type.Enum(['enabled', 'disabled'] as const, {
  type: 'string',
  description: 'disabled: events wait, for 30 days. enabled: what has waited is sent.',
});
const deliveryStatus = Type.Enum(['pending', 'succeeded', 'failed'] as const, {
  type: 'string',
  description: 'Only deliveries of this status.',
});

const createBody = field.strictObject({
  url,
  events: Type.Optional(events),
  ordered: Type.Optional(ordered),
  description: Type.Optional(field.description),
});
const updateBody = field.strictObject({
  url: Type.Optional(url),
  events: Type.Optional(events),
  ordered: Type.Optional(ordered),
  description: Type.Optional(field.description),
  status: Type.Optional(status),
});
const listQuery = field.strictObject({
  limit: Type.Optional(field.limit),
  cursor: Type.Optional(field.id('endpoint', 'next_cursor of the page before.')),
});
const deliveriesQuery = field.strictObject({
  limit: Type.Optional(field.limit),
  cursor: Type.Optional(field.id('delivery', 'next_cursor of the page before.')),
  status: Type.Optional(deliveryStatus),
});
const redeliverBody = field.strictObject({
  delivery: Type.Optional(field.id('delivery', 'This one; or a range, by the fields below.')),
  from: Type.Optional(field.time('Handed on then or later.')),
  to: Type.Optional(field.time('Handed on before.')),
  status: Type.Optional(deliveryStatus),
  cursor: Type.Optional(field.id('delivery', 'next_cursor of the answer before.')),
});

export function webhookEndpointRoutes(server: Server, notifications: Notifications): void {
  endpointRoutes(server, notifications);
  secretRoutes(server, notifications);
  deliveryRoutes(server, notifications);
}

function endpointRoutes(server: Server, notifications: Notifications): void {
  const one = { 200: ref('WebhookEndpoint') };
  const summaryOf = (id: string, summary: string) => ({ id, tag, summary, params, answers: one });
  server.post(
    '/webhook_endpoints',
    {
      config: { access: write },
      schema: moving({
        id: 'createWebhookEndpoint',
        tag,
        summary: 'Create an endpoint; its secret is in the answer, and nowhere later',
        body: createBody,
        answers: { 200: ref('WebhookEndpointWithSecret') },
      }),
    },
    async (request, reply) => {
      const body = request.body as Static<typeof createBody>;
      const { url, events = ['*'], ordered = false, description = null } = body;
      const input = { url, events, ordered, description };
      return sendReply(reply, await notifications.create(moneyRequest(request, input)));
    },
  );
  server.get(
    '/webhook_endpoints',
    {
      config: { access: read },
      schema: reading({
        id: 'listWebhookEndpoints',
        tag,
        summary: 'List endpoints, newest first',
        querystring: listQuery,
        answers: { 200: page('WebhookEndpoint') },
      }),
    },
    async (request, reply) => {
      const { limit = pageSizeDefault, cursor = null } = request.query as Static<typeof listQuery>;
      return sendReply(reply, await notifications.list(principalOf(request), { limit, cursor }));
    },
  );
  server.get(
    '/webhook_endpoints/:id',
    {
      config: { access: read },
      schema: reading(summaryOf('retrieveWebhookEndpoint', 'Retrieve an endpoint')),
    },
    async (request, reply) =>
      sendReply(reply, await notifications.retrieve(principalOf(request), endpointOf(request))),
  );
  server.patch(
    '/webhook_endpoints/:id',
    {
      config: { access: write },
      schema: reading({
        ...summaryOf('updateWebhookEndpoint', 'Change an endpoint, turn it off and on'),
        body: updateBody,
      }),
    },
    async (request, reply) => {
      const patch = patchOf((request.body ?? {}) as Static<typeof updateBody>);
      return sendReply(reply, await notifications.update(principalOf(request), endpointOf(request), patch));
    },
  );
  server.delete(
    '/webhook_endpoints/:id',
    {
      config: { access: write },
      schema: reading(
        summaryOf('deleteWebhookEndpoint', 'Delete an endpoint; nothing is sent to it any more'),
      ),
    },
    async (request, reply) =>
      sendReply(reply, await notifications.remove(principalOf(request), endpointOf(request))),
  );
}

function secretRoutes(server: Server, notifications: Notifications): void {
  server.post(
    '/webhook_endpoints/:id/rotate_secret',
    {
      config: { access: write },
      schema: moving({
        id: 'rotateWebhookSecret',
        tag,
        summary: 'Make a new secret; the one of before signs beside it for a day',
        params,
        body: field.strictObject({}),
        answers: { 200: ref('WebhookEndpointWithSecret') },
      }),
    },
    async (request, reply) => {
      const input = { endpoint: endpointOf(request) };
      return sendReply(reply, await notifications.rotateSecret(moneyRequest(request, input)));
    },
  );
  server.post(
    '/webhook_endpoints/:id/test',
    {
      config: { access: write },
      schema: moving({
        id: 'testWebhookEndpoint',
        tag,
        summary: 'Send an event of the type endpoint.test',
        params,
        body: field.strictObject({}),
        answers: { 200: ref('Delivery') },
      }),
    },
    async (request, reply) => {
      const input = { endpoint: endpointOf(request) };
      return sendReply(reply, await notifications.sendTest(moneyRequest(request, input)));
    },
  );
}

function deliveryRoutes(server: Server, notifications: Notifications): void {
  server.get(
    '/webhook_endpoints/:id/deliveries',
    {
      config: { access: read },
      schema: reading({
        id: 'listWebhookDeliveries',
        tag,
        summary: 'What was sent and what was answered, newest first',
        params,
        querystring: deliveriesQuery,
        answers: { 200: page('Delivery') },
      }),
    },
    async (request, reply) => {
      const query = request.query as Static<typeof deliveriesQuery>;
      const { limit = pageSizeDefault, cursor = null, status = null } = query;
      const wanted = { limit, cursor, status };
      return sendReply(
        reply,
        await notifications.deliveries(principalOf(request), endpointOf(request), wanted),
      );
    },
  );
  server.post(
    '/webhook_endpoints/:id/redeliver',
    {
      config: { access: write },
      schema: moving({
        id: 'redeliverWebhooks',
        tag,
        summary: 'Send one delivery again, or those of a range',
        params,
        body: redeliverBody,
        answers: { 200: ref('Redelivery') },
      }),
    },
    async (request, reply) => {
      const body = (request.body ?? {}) as Static<typeof redeliverBody>;
      const input = redeliverInput(endpointOf(request), body);
      return sendReply(reply, await notifications.redeliver(moneyRequest(request, input)));
    },
  );
}

/** A malformed id names nothing. */
function endpointOf(request: FastifyRequest): string {
  const { id } = request.params as { id: string };
  if (isId('endpoint', id)) return id;
  throw new Refused('webhook_endpoint_not_found');
}

function patchOf(body: Static<typeof updateBody>): EndpointPatch {
  const { url = null, events = null, ordered = null, description, status = null } = body;
  return { url, events, ordered, status, ...(description === undefined ? {} : { description }) };
}

function redeliverInput(endpoint: string, body: Static<typeof redeliverBody>): RedeliverInput {
  const { delivery = null, from, to, status = null, cursor = null } = body;
  if (delivery === null && from === undefined) {
    const message = 'Send a delivery, or the beginning of a range.';
    throw new Refused('invalid_request', { errors: [{ field: '/from', code: 'missing', message }] });
  }
  return { endpoint, delivery, from: field.inUtc(from), to: field.inUtc(to), status, cursor };
}
