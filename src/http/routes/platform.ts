/** For those who run the platform: what providers sent, and replaying it with the approval that takes. */

import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { type IdKind, isId } from '../../core/ids.ts';
import type { Decision } from '../../features/webhooks/replay.ts';
import { type Selection, STATES } from '../../features/webhooks/selection.ts';
import type { ProviderWebhooks } from '../../features/webhooks/types.ts';
import { LIMITS } from '../../ops/limits.ts';
import { actorOf, moneyRequest, type Server, sendReply } from '../context.ts';
import * as field from '../fields.ts';
import { moving, reading } from '../openapi.ts';
import { Refused } from '../problems.ts';
import { page, ref } from '../schema-parts.ts';

const tag = 'Platform';
const read = { scope: 'platform:read' } as const;
const operate = { scope: 'platform:operate' } as const;
const { pageSizeDefault, pageSize } = LIMITS.http;

const selection = {
  payment: Type.Optional(field.id('payment', 'Only those that spoke of this payment.')),
  provider: Type.Optional(
    Type.String({ maxLength: 64, pattern: '^[a-z0-9_-]+$', description: 'Only those of this provider.' }),
  ),
  from: Type.Optional(field.time('Received then or later.')),
  to: Type.Optional(field.time('Received before.')),
  state: Type.Optional(Type.Enum([...STATES], { type: 'string', description: 'Only those in this state.' })),
};
const listQuery = field.strictObject({
  ...selection,
  limit: Type.Optional(field.limit),
  cursor: Type.Optional(field.id('webhook', 'next_cursor of the page before.')),
});
const replaysQuery = field.strictObject({
  limit: Type.Optional(field.limit),
  cursor: Type.Optional(field.id('replay', 'next_cursor of the page before.')),
});
const resultsQuery = field.strictObject({
  limit: Type.Optional(field.limit),
  cursor: Type.Optional(field.id('webhook', 'next_cursor of the page before.')),
});
const replayBody = field.strictObject({
  webhooks: Type.Optional(
    Type.Array(field.id('webhook', 'A delivery.'), {
      minItems: 1,
      maxItems: pageSize,
      description: 'These; or all that the other fields select.',
    }),
  ),
  ...selection,
  reason: Type.Optional(field.reason),
  dry_run: Type.Optional(field.flag(false, 'Only tell what it would change; nothing is written.')),
  override: Type.Optional(field.flag(false, `More than ${LIMITS.inbox.replay} deliveries are meant.`)),
});
const decisionBody = field.strictObject({ reason: field.reason });

const params = (kind: IdKind, what: string) => field.strictObject({ id: field.id(kind, what) });

export function platformRoutes(server: Server, webhooks: ProviderWebhooks): void {
  webhookRoutes(server, webhooks);
  replayRoutes(server, webhooks);
  recordRoutes(server, webhooks);
  for (const action of ACTIONS) decisionRoute(server, webhooks, action);
}

function webhookRoutes(server: Server, webhooks: ProviderWebhooks): void {
  server.get(
    '/provider_webhooks',
    {
      config: { access: read },
      schema: reading({
        id: 'listProviderWebhooks',
        tag,
        summary: 'What providers sent, oldest first',
        querystring: listQuery,
        answers: { 200: page('ProviderWebhook') },
      }),
    },
    async (request, reply) => {
      const { limit = pageSizeDefault, cursor = null, ...which } = request.query as Static<typeof listQuery>;
      return sendReply(reply, await webhooks.list(selectionOf(which), { limit, cursor }));
    },
  );
  server.get(
    '/provider_webhooks/:id',
    {
      config: { access: read },
      schema: reading({
        id: 'retrieveProviderWebhook',
        tag,
        summary: 'A delivery, what came of it, and the shape of its body',
        params: params('webhook', 'The delivery.'),
        answers: { 200: ref('ProviderWebhook') },
      }),
    },
    async (request, reply) =>
      sendReply(reply, await webhooks.retrieve(named('webhook', request, 'provider_webhook_not_found'))),
  );
}

function replayRoutes(server: Server, webhooks: ProviderWebhooks): void {
  server.post(
    '/webhook_replays',
    {
      config: { access: operate },
      schema: moving({
        id: 'createWebhookReplay',
        tag,
        summary: 'Process deliveries again, or tell what that would change',
        description: `Up to ${LIMITS.inbox.replayAlone} deliveries begin at once; more wait until another key approves.`,
        body: replayBody,
        answers: { 200: Type.Union([ref('WebhookReplay'), ref('WebhookDryRun')]) },
      }),
    },
    async (request, reply) => {
      const body = (request.body ?? {}) as Static<typeof replayBody>;
      const { reason, dry_run = false, override = false, ...which } = body;
      const chosen = selectionOf(which);
      if (Object.keys(chosen).length === 0)
        throw missing('webhooks', 'Say which: a replay of all is never meant.');
      if (dry_run) return sendReply(reply, await webhooks.dryRun({ selection: chosen, override }));
      if (!reason) throw missing('reason', 'Send a reason: it is kept on record.');
      const input = { selection: chosen, by: actorOf(request), reason, override };
      return sendReply(reply, await webhooks.replay(moneyRequest(request, input)));
    },
  );
  server.get(
    '/webhook_replays',
    {
      config: { access: read },
      schema: reading({
        id: 'listWebhookReplays',
        tag,
        summary: 'Replays, newest first',
        querystring: replaysQuery,
        answers: { 200: page('WebhookReplay') },
      }),
    },
    async (request, reply) => {
      const { limit = pageSizeDefault, cursor = null } = request.query as Static<typeof replaysQuery>;
      return sendReply(reply, await webhooks.replays({ limit, cursor }));
    },
  );
}

function recordRoutes(server: Server, webhooks: ProviderWebhooks): void {
  server.get(
    '/webhook_replays/:id',
    {
      config: { access: read },
      schema: reading({
        id: 'retrieveWebhookReplay',
        tag,
        summary: 'Who asked, who approved, and how far it is',
        params: params('replay', 'The replay.'),
        answers: { 200: ref('WebhookReplay') },
      }),
    },
    async (request, reply) => sendReply(reply, await webhooks.retrieveReplay(replayOf(request))),
  );
  server.get(
    '/webhook_replays/:id/results',
    {
      config: { access: read },
      schema: reading({
        id: 'listWebhookReplayResults',
        tag,
        summary: 'Each delivery of a replay with the events that it wrote',
        params: params('replay', 'The replay.'),
        querystring: resultsQuery,
        answers: { 200: page('WebhookReplayResult') },
      }),
    },
    async (request, reply) => {
      const { limit = pageSizeDefault, cursor = null } = request.query as Static<typeof resultsQuery>;
      return sendReply(reply, await webhooks.results(replayOf(request), { limit, cursor }));
    },
  );
}

type Action = { path: string; id: string; kind: Decision['kind']; summary: string };

const ACTIONS: readonly Action[] = [
  {
    path: 'approve',
    id: 'approveWebhookReplay',
    kind: 'approved',
    summary: 'Approve a replay that another key asked for; it begins with that',
  },
  { path: 'reject', id: 'rejectWebhookReplay', kind: 'rejected', summary: 'Reject a replay' },
  {
    path: 'stop',
    id: 'stopWebhookReplay',
    kind: 'stopped',
    summary: 'Stop a replay that is under way; what is handed out is finished',
  },
];

function decisionRoute(
  server: Server,
  webhooks: ProviderWebhooks,
  { path, id, kind, summary }: Action,
): void {
  server.post(
    `/webhook_replays/:id/${path}`,
    {
      config: { access: operate },
      schema: moving({
        id,
        tag,
        summary,
        params: params('replay', 'The replay.'),
        body: decisionBody,
        answers: { 200: ref('WebhookReplay') },
      }),
    },
    async (request, reply) => {
      const { reason } = request.body as Static<typeof decisionBody>;
      if (reason === '') throw missing('reason', 'Send a reason: it is kept on record.');
      const input = { id: replayOf(request), kind, by: actorOf(request), reason };
      return sendReply(reply, await webhooks.decide(moneyRequest(request, input)));
    },
  );
}

type Which = Omit<Static<typeof replayBody>, 'reason' | 'dry_run' | 'override'>;

function selectionOf({ webhooks, payment, provider, from, to, state }: Which): Selection {
  const [begin, end] = [field.inUtc(from), field.inUtc(to)];
  return {
    ...(webhooks === undefined ? {} : { ids: webhooks }),
    ...(payment === undefined ? {} : { payment }),
    ...(provider === undefined ? {} : { provider }),
    ...(begin === null ? {} : { from: begin }),
    ...(end === null ? {} : { to: end }),
    ...(state === undefined ? {} : { state: state as NonNullable<Selection['state']> }),
  };
}

function replayOf(request: FastifyRequest): string {
  return named('replay', request, 'webhook_replay_not_found');
}

/** A malformed id names nothing. */
function named(
  kind: IdKind,
  request: FastifyRequest,
  code: 'provider_webhook_not_found' | 'webhook_replay_not_found',
): string {
  const { id } = request.params as { id: string };
  if (isId(kind, id)) return id;
  throw new Refused(code);
}

function missing(name: string, message: string): Refused {
  return new Refused('invalid_request', { errors: [{ field: `/${name}`, code: 'missing', message }] });
}
