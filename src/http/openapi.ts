/** The OpenAPI 3.1 description: made from the routes' schemas, so that it says what is checked. */

import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { FastifySchema } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { LIMITS } from '../ops/limits.ts';
import { ref } from './schema-parts.ts';

const INTRODUCTION = `Payments in which every penny is accounted for.

Send \`Authorization: Bearer <secret key>\`, and with every POST an \`Idempotency-Key\` of your own: the same key
with the same request has one effect and one answer, however often it is sent.

An answer of 202 says that the result is not known yet: the resource tells it later. A decline is no error: it
answers 200 with \`requires_payment_method\`. Errors are RFC 9457 problem documents; act on \`code\`, \`retry\` and
\`outcome\`, all listed at [/docs/errors](/docs/errors). Amounts are integers in the currency's minor unit.`;

const KEYS = `A secret key, \`sk_test_…\` or \`sk_live_…\`. A publishable one, \`pk_test_…\` or \`pk_live_…\`, may only
confirm payments: anywhere else it is answered 403, \`permission_denied\`.`;

export function OPENAPI(publicUrl: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Truepenny', version: '1', description: INTRODUCTION, license: { name: 'Apache-2.0' } },
      servers: [{ url: publicUrl }],
      tags: [
        { name: 'Payments', description: 'Take, capture, void.' },
        { name: 'Captures' },
        { name: 'Refunds' },
        { name: 'Ledger', description: 'Double entry; debits are positive.' },
        { name: 'Webhooks', description: 'What happens to payments, sent to addresses of yours.' },
        {
          name: 'Platform',
          description: 'What providers sent, and replaying it: for those who run the platform.',
        },
        { name: 'Operations', description: 'Health and metrics.' },
      ],
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: KEYS },
        },
      },
    },
    transformObject: (document) =>
      'openapiObject' in document
        ? withOptionalBodies(document.openapiObject as OpenApi)
        : document.swaggerObject,
    refResolver: { buildLocalReference: (json) => String(json['$id']) },
  };
}

type OpenApi = { paths?: Record<string, Record<string, { requestBody?: RequestBody }>> };
type RequestBody = { required: boolean; content: Record<string, { schema: { required?: string[] } }> };

/** The generator calls every body required; one without a required field may be left out. */
function withOptionalBodies(document: OpenApi): OpenApi {
  const operations = Object.values(document.paths ?? {}).flatMap((methods) => Object.values(methods));
  for (const { requestBody } of operations)
    if (requestBody) requestBody.required = Object.values(requestBody.content).some((c) => c.schema.required);
  return document;
}

const REFUSALS: Record<number, string> = {
  400: 'The request is not valid: detail says why; errors names the fields, where it is for those.',
  401: 'No valid key.',
  403: 'The key may not do this: it lacks the scope, or is a publishable key, which may only confirm payments.',
  404: 'There is no such thing for this key.',
  408: 'The request had not come to its end in time.',
  409: 'Not in its present state, or in use elsewhere; see retry.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  422: 'Refused for what it asks for.',
  429: 'Too many requests; see Retry-After.',
  431: 'The headers are too large.',
  500: 'Our fault. Send it again with the same key.',
  503: 'At its limit, or stopping. Send it again with the same key.',
};

type Operation = {
  id: string;
  tag: string;
  summary: string;
  description?: string;
  params?: TSchema;
  querystring?: TSchema;
  body?: TSchema;
  answers: Record<number, TSchema>;
};

const keyHeader = Type.Object({
  'idempotency-key': Type.String({
    minLength: 1,
    maxLength: LIMITS.fields.idempotencyKey,
    description: 'Your own name for this intent: an order number with a step, or a UUID. Printable ASCII.',
    examples: ['order-1001-pay'],
  }),
});

const replayedHeader = {
  'idempotent-replayed': Type.Literal('true', {
    description: 'Set on the stored answer to an earlier request with the same key.',
  }),
};
/** Of what was refused before work began nothing is stored: of invalid requests, unknown keys, unknown resources. */
const STORED_REFUSALS = ['409', '422'];

/** The schema of a route that only reads. */
export function reading({ id, tag, answers, ...rest }: Operation): FastifySchema {
  return described(id, tag, answers, [400, 401, 403, 404, 408, 429, 431, 500, 503], rest);
}

/** The schema of a route that moves money, or may. What was decided before is given again, refusals by the core included. */
export function moving({ id, tag, answers, ...rest }: Operation): FastifySchema {
  const refusals = Object.keys(REFUSALS).map(Number);
  const schema = described(id, tag, answers, refusals, { ...rest, headers: keyHeader });
  for (const status of [...Object.keys(answers), ...STORED_REFUSALS])
    Object.assign((schema.response as Record<string, object>)[status] ?? {}, { headers: replayedHeader });
  return schema;
}

function described(
  operationId: string,
  tag: string,
  answers: Record<number, TSchema>,
  refusals: number[],
  rest: object,
): FastifySchema {
  const problems = refusals.map((status) => [
    status,
    answer(REFUSALS[status], 'application/problem+json', ref('Problem')),
  ]);
  const good = Object.entries(answers).map(([status, schema]) => [
    status,
    answer(
      status === '202' ? 'The result is not known yet; the resource tells it later.' : 'Done.',
      'application/json',
      schema,
    ),
  ]);
  const response = Object.fromEntries([...good, ...problems]);
  return { operationId, tags: [tag], security: [{ key: [] }], response, ...rest } as FastifySchema;
}

function answer(description: string | undefined, type: string, schema: TSchema): object {
  return { description, content: { [type]: { schema } } };
}
