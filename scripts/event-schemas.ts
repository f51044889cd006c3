/**
 * The schemas of all events, from their types, as they are published: one file an event and version, and a page that
 * lists them. Files of earlier versions stay as they are.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { EventType } from '../src/core/payment/events.ts';
import { PUBLISHED_VERSIONS, publishedType } from '../src/core/payment/published.ts';
import { breaks } from './schema-compatibility.ts';
import { type Schema, withTypes } from './type-schema.ts';

export const FOLDER = 'docs/reference/events';
const ABSOLUTE = fileURLToPath(new URL(`../${FOLDER}`, import.meta.url));

export type PublishedSchema = Schema & { $schema: string; title: string };

/** `capture.succeeded.v1` → its schema, of all kinds of events and of the envelope. */
export function eventSchemas(): Map<string, PublishedSchema> {
  return withTypes((schemaOf) => {
    const all = schemaOf('src/core/payment/published.ts', 'PublishedData').properties ?? {};
    const envelope = schemaOf('src/features/stream/sink.ts', 'StreamEvent');
    const events = Object.entries(PUBLISHED_VERSIONS).map(([type, version]) => {
      const name = `${publishedType(type)}.v${version}`;
      return [name, titled(`truepenny.${name}`, all[type as EventType] ?? {})] as const;
    });
    events.sort(([a], [b]) => (a < b ? -1 : 1));
    return new Map([['envelope.v1', titled('truepenny.envelope.v1', envelope)], ...events]);
  });
}

function titled(title: string, schema: Schema): PublishedSchema {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title, ...schema };
}

/** Path from the repository's root → text. */
export function eventSchemaFiles(note: string): Record<string, string> {
  const schemas = eventSchemas();
  const files = [...schemas].map(
    ([name, schema]) => [`${FOLDER}/${name}.json`, `${JSON.stringify(schema, null, 2)}\n`] as const,
  );
  return { ...Object.fromEntries(files), [`${FOLDER}/README.md`]: indexPage(note, schemas) };
}

/** What the published files forbid; empty: all may be written. A file that was never published forbids nothing. */
export function incompatibleSchemas(
  schemas: ReadonlyMap<string, Schema>,
  published: (name: string) => Schema | null = publishedSchema,
): string[] {
  return [...schemas].flatMap(([name, schema]) => {
    const before = published(name);
    return before ? breaks(before, schema).map((why) => refusal(name, why)) : [];
  });
}

/** Versions below the present one that are not there any more, although events of theirs may be. */
export function missingVersions(schemas: ReadonlyMap<string, Schema>): string[] {
  return [...schemas.keys()].flatMap((name) => {
    const [, event, version] = /^(.*)\.v(\d+)$/.exec(name) ?? [];
    const earlier = Array.from({ length: Number(version) - 1 }, (_, n) => `${event}.v${n + 1}`);
    return earlier.filter((one) => publishedSchema(one) === null);
  });
}

function refusal(name: string, why: string): string {
  const [, event, version] = /^(.*)\.v(\d+)$/.exec(name) ?? [];
  const next = Number(version) + 1;
  return `${name}: ${why}. Programs rely on it: publish version ${next} of ${event} (src/core/payment/published.ts), or leave it as it was.`;
}

function publishedSchema(name: string): Schema | null {
  const file = `${ABSOLUTE}/${name}.json`;
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

function indexPage(note: string, schemas: ReadonlyMap<string, Schema>): string {
  const earlier = (existsSync(ABSOLUTE) ? readdirSync(ABSOLUTE) : [])
    .filter((file) => file.endsWith('.json') && !schemas.has(file.replace(/\.json$/, '')))
    .sort();
  const rows = [...schemas].map(([name, { properties, required, description }]) => {
    const fields = Object.keys(properties ?? {}).map(
      (field) => `\`${field}\`${required?.includes(field) ? '' : '?'}`,
    );
    return `| [\`${name}\`](${name}.json) | ${description ?? ''} | ${fields.join(', ')} |`;
  });
  const old = earlier.map((file) => `[\`${file.replace(/\.json$/, '')}\`](${file})`).join(', ');
  return `${note}

# Events

JSON Schemas (draft 2020-12) of the \`data\` of each event, made from the types of the code; \`envelope.v1\` is of what
is around it in the [event stream](../../guides/event-stream.md). [Webhooks](../../guides/webhooks-out.md) have the
same \`data\`. Amounts are minor units of the payment's currency. A field with a question mark may be missing; others
that you do not know may be added: skip them.

| schema | | fields of \`data\` |
| --- | --- | --- |
${rows.join('\n')}
${old ? `\nEarlier versions: ${old}.\n` : ''}`;
}
