/** Judges events by the schemas as they are published, and stricter: nothing may be in an event that they do not name. */

import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Schema } from '../../scripts/type-schema.ts';
import type { EventType } from '../../src/core/payment/events.ts';
import { PUBLISHED_VERSIONS, publishedData, publishedType } from '../../src/core/payment/published.ts';
import type { StreamEvent } from '../../src/features/stream/sink.ts';

const FOLDER = new URL('../../docs/reference/events/', import.meta.url);

const VALIDATORS = readValidators();

function readValidators(): ReadonlyMap<string, ValidateFunction> {
  const ajv = new Ajv2020({ allErrors: true });
  addFormats.default(ajv);
  const names = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  return new Map(
    names.map((file) => {
      const schema: Schema = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));
      return [file.replace(/\.json$/, ''), ajv.compile(closed(schema))];
    }),
  );
}

/** The same, with every field that it does not name refused. */
function closed(schema: Schema): object {
  const { properties, items, anyOf } = schema;
  const fields = Object.entries(properties ?? {}).map(([name, field]) => [name, closed(field)]);
  return {
    ...schema,
    ...(properties && { properties: Object.fromEntries(fields), additionalProperties: false }),
    ...(items && { items: closed(items) }),
    ...(anyOf && { anyOf: anyOf.map(closed) }),
  };
}

/** What is wrong with the stored data of an event, once it is made public; empty: nothing. */
export function dataProblems(type: EventType, stored: string): string[] {
  return problems(`${publishedType(type)}.v${PUBLISHED_VERSIONS[type]}`, publishedData(stored));
}

/** What is wrong with an event of the stream, its envelope and its data. */
export function streamProblems(event: StreamEvent): string[] {
  const name = /\/schemas\/events\/(.+)\.json$/.exec(event.dataschema)?.[1] ?? '';
  return [...problems('envelope.v1', event), ...problems(name, event.data)];
}

function problems(name: string, value: unknown): string[] {
  const validate = VALIDATORS.get(name);
  if (!validate) return [`${name}: no such schema is published`];
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => `${name}${error.instancePath}: ${error.message}`);
}
