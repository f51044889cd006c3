import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventSchemas, incompatibleSchemas, missingVersions } from '../../scripts/event-schemas.ts';
import type { Schema } from '../../scripts/type-schema.ts';
import type { ProviderCall } from '../../src/core/outcome.ts';
import { histories } from '../../src/core/payment/histories.test-support.ts';
import { lateSuccesses } from '../../src/core/payment/late-successes.test-support.ts';
import { PUBLISHED_VERSIONS } from '../../src/core/payment/published.ts';
import {
  captureOf,
  DECLINED,
  outcome,
  play,
  refundOf,
  SITUATIONS,
  UNKNOWN,
} from '../../src/core/payment/situations.ts';
import { told } from '../../src/core/payment/told.test-support.ts';
import type { Command, Event } from '../../src/core/payment.ts';
import { dataProblems } from '../support/event-schemas.ts';

const SCHEMAS = eventSchemas();

const CALL: ProviderCall = {
  key: 'op_auth_1',
  endpoint: 'POST /v1/charges',
  http_status: null,
  raw_code: null,
  started_at: '2026-01-01T00:00:00.000Z',
  duration_ms: 10_000,
  request: null,
  response: null,
};

/** Whole lives of payments, each also with its news in the wrong order. */
function realEvents(): Event[] {
  const lives = [
    ...fc.sample(histories, { numRuns: 1_000, seed: 7 }),
    ...fc.sample(lateSuccesses, { numRuns: 100, seed: 7 }),
  ];
  const refused: Command[][] = [
    [...(SITUATIONS['authorised'] ?? []), captureOf(100), outcome('op_cap_1', DECLINED)],
    [...(SITUATIONS['captured'] ?? []), refundOf(60), outcome('op_ref_1', DECLINED)],
  ];
  const cancelled: Command[] = [
    ...(SITUATIONS['authorise unknown, void wished'] ?? []),
    told({ kind: 'voided', amount: 100 }),
    { type: 'end_canceled', operation: 'op_auth_1' },
  ];
  const adopted: Command[] = [
    ...(SITUATIONS['challenge being replaced'] ?? []),
    told({ kind: 'authorized', amount: 100, provider_reference: 'ch_1', details: null }),
    told({ kind: 'captured', movement: 'mv_1', operation: null, amount: 100 }),
    outcome('op_cancel_2', DECLINED),
  ];
  const overtaken: Command[] = [
    ...(SITUATIONS['authorised'] ?? []),
    {
      type: 'record_outcome',
      operation: 'op_auth_1',
      outcome: UNKNOWN,
      call: CALL,
      received_at: '2026-01-01T00:00:00.000Z',
    },
  ];
  const stories = [
    ...Object.values(SITUATIONS),
    ...refused,
    cancelled,
    adopted,
    overtaken,
    ...lives.flatMap(({ beginning, news }) => [
      [...beginning, ...news],
      [...beginning, ...news.toReversed()],
    ]),
  ];
  return stories.flatMap((commands) => play(commands).events);
}

describe('what is published holds', () => {
  const events = realEvents();

  test('for every kind of event, of some thousand lives of payments', () => {
    const kinds = Object.keys(PUBLISHED_VERSIONS).sort();
    expect([...new Set(events.map(({ type }) => type))].sort()).toEqual(kinds);
    const problems = events.flatMap(({ type, data }) => dataProblems(type, JSON.stringify(data)));
    expect([...new Set(problems)]).toEqual([]);
  });

  test.each([
    ['a field that no schema names', { surprise: 1 }, 'must NOT have additional properties'],
    ['an amount that is a text', { amount: '1' }, 'must be integer'],
    ['an amount with a fraction', { amount: 1.5 }, 'must be integer'],
    ['a value that is not in the list', { from: 'elsewhere' }, 'must be equal to one of the allowed values'],
    ['a field left out', { refund: undefined }, "must have required property 'refund'"],
  ])('and would not with %s', (_what, change, problem) => {
    const refund = events.find(({ type }) => type === 'refund_succeeded');
    const data = JSON.stringify({ ...refund?.data, ...change });
    expect(dataProblems('refund_succeeded', data).join()).toContain(problem);
  });
});

describe('what was published stays readable', () => {
  test('the code of today breaks no published schema, and none of an earlier version is missing', () => {
    expect(incompatibleSchemas(SCHEMAS)).toEqual([]);
    expect(missingVersions(SCHEMAS)).toEqual([]);
  });

  const REASON: Schema = { type: 'string', enum: ['declined', 'rejected'] };
  const FIELDS: Record<string, Schema> = {
    amount: { type: 'integer' },
    operation: { anyOf: [{ type: 'null' }, { type: 'string' }] },
    reason: REASON,
    seen_at: { type: 'string', format: 'date-time' },
    covers: { type: 'object', properties: { movement: { type: 'string' } }, required: ['movement'] },
    candidates: { type: 'array', items: { type: 'string' } },
  };
  const REQUIRED = ['amount', 'operation', 'covers'];
  const refusalsOf = (fields: Record<string, Schema>, required = REQUIRED) => {
    const before: Schema = { type: 'object', properties: FIELDS, required: REQUIRED };
    const after: Schema = { type: 'object', properties: fields, required };
    return incompatibleSchemas(new Map([['capture.made.v1', after]]), () => before);
  };
  const { amount: _removed, ...withoutAmount } = FIELDS;

  test.each<[string, Record<string, Schema>, string]>([
    ['a field is removed', withoutAmount, 'data.amount was removed'],
    [
      'a field gets another type',
      { ...FIELDS, amount: { type: 'string' } },
      'data.amount was integer and is string',
    ],
    [
      'a field may be null',
      { ...FIELDS, amount: { anyOf: [{ type: 'integer' }, { type: 'null' }] } },
      'data.amount may now be null, which it could not be before',
    ],
    [
      'a list gets one more value',
      { ...FIELDS, reason: { type: 'string', enum: ['declined', 'rejected', 'lost'] } },
      'data.reason may now be lost',
    ],
    [
      'a list becomes any text',
      { ...FIELDS, reason: { type: 'string' } },
      'data.reason may now be anything, not only declined, rejected',
    ],
    [
      'a time becomes any text',
      { ...FIELDS, seen_at: { type: 'string' } },
      'data.seen_at is no date-time any more',
    ],
    [
      'a field within a field is removed',
      { ...FIELDS, covers: { type: 'object', properties: {}, required: [] } },
      'data.covers.movement was removed',
    ],
    [
      'the items of a list get another type',
      { ...FIELDS, candidates: { type: 'array', items: { type: 'integer' } } },
      'data.candidates[] was string and is integer',
    ],
  ])('refused: %s', (_what, fields, why) => {
    const required = REQUIRED.filter((name) => name in fields);
    expect(refusalsOf(fields, required)).toEqual([
      `capture.made.v1: ${why}. Programs rely on it: publish version 2 of capture.made (src/core/payment/published.ts), or leave it as it was.`,
    ]);
  });

  test('refused: a field may be missing', () => {
    expect(refusalsOf(FIELDS, ['operation', 'covers']).join()).toContain('data.amount may now be missing');
  });

  test.each<[string, Record<string, Schema>]>([
    ['nothing', FIELDS],
    ['a new field', { ...FIELDS, more: { type: 'string' } }],
    ['a field is never null any more', { ...FIELDS, operation: { type: 'string' } }],
    ['a value is not used any more', { ...FIELDS, reason: { type: 'string', enum: ['declined'] } }],
    ['a description', { ...FIELDS, amount: { type: 'integer', description: 'what for' } }],
  ])('accepted: %s', (_what, fields) => {
    expect(refusalsOf(fields)).toEqual([]);
  });

  test('accepted: a field is always there now', () => {
    expect(refusalsOf(FIELDS, [...REQUIRED, 'reason'])).toEqual([]);
  });
});
