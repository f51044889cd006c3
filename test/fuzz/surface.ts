/** Everything that the API answers: its own OpenAPI document, and beside it what the document leaves out. */

import type { Schema } from './schema-values.ts';

export type Parameter = { name: string; in: 'path' | 'query' | 'header'; required: boolean; schema: Schema };

export type Operation = {
  /** `createPayment`. */
  id: string;
  method: string;
  /** `/v1/payments/{id}`. */
  path: string;
  /** For those who run the platform, with keys of their own. */
  platform: boolean;
  parameters: readonly Parameter[];
  /** Null where it takes none. */
  body: Schema | null;
};

type Described = {
  operationId: string;
  tags?: string[];
  parameters?: { name: string; in: Parameter['in']; required?: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
};
export type Document = { paths: Record<string, Record<string, Described>> };

export function operationsOf(document: Document): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      id: described.operationId,
      method: method.toUpperCase(),
      path,
      platform: described.tags?.includes('Platform') ?? false,
      parameters: (described.parameters ?? []).map((p) => ({ ...p, required: p.required ?? false })),
      body: described.requestBody?.content['application/json']?.schema ?? null,
    })),
  );
}

const text = (name: string, place: Parameter['in'], examples: string[]): Parameter => ({
  name,
  in: place,
  required: place === 'path',
  schema: { type: 'string', maxLength: 60, examples },
});

const WEBHOOKS = [
  ...['authorized', 'declined', 'expired', 'voided', 'captured', 'reversed'].map((what) => `charge.${what}`),
  'refund.succeeded',
  'refund.returned',
  'something.else',
];

/** For browsers, providers and programs that read; documented elsewhere. */
export const HIDDEN: readonly Operation[] = [
  {
    id: 'customerReturned',
    method: 'GET',
    path: '/return/{attempt}',
    platform: false,
    parameters: [
      { name: 'attempt', in: 'path', required: true, schema: { type: 'string', pattern: idOf('att') } },
      text('redirectResult', 'query', ['abc']),
    ],
    body: null,
  },
  {
    id: 'providerWebhook',
    method: 'POST',
    path: '/webhooks/{provider}/{account}',
    platform: false,
    parameters: [text('provider', 'path', ['simulator']), text('account', 'path', ['default'])],
    body: {
      type: 'object',
      required: ['type', 'data', 'created_at'],
      properties: {
        type: { type: 'string', enum: WEBHOOKS },
        created_at: { type: 'string', examples: ['2026-01-31T12:00:00Z'] },
        data: {
          type: 'object',
          required: ['charge', 'amount', 'movement', 'code', 'of', 'reference'],
          properties: {
            charge: { type: 'string', maxLength: 40, examples: ['ch_1', 'ch_2'] },
            reference: { type: 'string', pattern: idOf('pay') },
            attempt: { type: 'string', pattern: idOf('att') },
            amount: { type: 'integer', minimum: 1 },
            movement: { type: 'string', maxLength: 40, examples: ['mv_1', 'mv_2'] },
            of: { type: 'string', maxLength: 40, examples: ['mv_1'] },
            code: { type: 'string', maxLength: 10, examples: ['51', 'ZZ'] },
          },
        },
      },
    },
  },
  {
    id: 'eventSchema',
    method: 'GET',
    path: '/schemas/events/{file}',
    platform: false,
    parameters: [text('file', 'path', ['capture.succeeded.v1.json'])],
    body: null,
  },
  ...['/openapi.json', '/docs/', '/docs/errors', '/docs/json', '/docs/yaml'].map((path) => ({
    id: path,
    method: 'GET',
    path,
    platform: false,
    parameters: [],
    body: null,
  })),
  {
    id: 'docsFile',
    method: 'GET',
    path: '/docs/static/{file}',
    platform: false,
    parameters: [text('file', 'path', ['index.html'])],
    body: null,
  },
];

function idOf(prefix: string): string {
  return `^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`;
}
