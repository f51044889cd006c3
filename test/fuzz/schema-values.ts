/** Values that a JSON Schema of the API's own description allows, as far as the schema tells. */

import fc from 'fast-check';

export type Schema = {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  patternProperties?: Record<string, Schema>;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  examples?: unknown[];
};

/** Stands for a resource that exists, until the request is sent: `⟨pay 17⟩` is the eighteenth payment, or so. */
export const EXISTING = /⟨([a-z]{3}) (\d+)⟩/g;

/** What the schema cannot tell: the provider's tokens and the accounts that are configured. */
export type Known = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** `name` is the field's, to look it up among what is known. Throws for a schema with words that are new here. */
export function allowedBy(schema: Schema, known: Known, name = ''): fc.Arbitrary<unknown> {
  const special = Object.hasOwn(known, name) ? known[name] : undefined;
  if (special) return special;
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => allowedBy(one, known, name)));
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  return fc.oneof(...types.map((type) => typed(type, schema, known)));
}

function typed(type: string | undefined, schema: Schema, known: Known): fc.Arbitrary<unknown> {
  switch (type) {
    case 'object':
      return objectOf(schema, known);
    case 'array':
      return arrayOf(schema, known);
    case 'string':
      return textOf(schema);
    case 'integer':
    case 'number':
      return numberOf(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      throw new Error(`no values are known for the schema ${JSON.stringify(schema).slice(0, 200)}`);
  }
}

function objectOf(schema: Schema, known: Known): fc.Arbitrary<unknown> {
  const fields = Object.entries(schema.properties ?? {}).map(([name, of]) => [
    name,
    allowedBy(of, known, name),
  ]);
  const model = Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>;
  const fixed = fc.record(model, { requiredKeys: schema.required ?? [] });
  const [open] = Object.values(schema.patternProperties ?? {});
  if (!open) return fixed;
  const free = fc.dictionary(fc.stringMatching(/^[a-z0-9_]{1,40}$/), allowedBy(open, known), { maxKeys: 4 });
  return fc.tuple(fixed, free).map(([a, b]) => ({ ...b, ...(a as object) }));
}

function arrayOf({ items = {}, minItems = 0, maxItems = 5 }: Schema, known: Known): fc.Arbitrary<unknown> {
  return fc.array(allowedBy(items, known), {
    minLength: minItems,
    maxLength: Math.min(maxItems, minItems + 3),
  });
}

function numberOf({ minimum = 0, maximum = 10_000 }: Schema): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: minimum, max: Math.min(maximum, minimum + 10_000) }) },
    { weight: 1, arbitrary: fc.constantFrom(minimum, maximum) },
  );
}

/** Of ids such as `^pay_[0-7]…$` mostly those of something that exists. */
const ID = /^\^([a-z]{3})_\[0-7\]/;

function textOf(schema: Schema): fc.Arbitrary<unknown> {
  const prefix = ID.exec(schema.pattern ?? '')?.[1];
  const made = patterned(schema);
  if (prefix !== undefined)
    return fc.oneof(
      { weight: 8, arbitrary: fc.nat({ max: 10_000 }).map((n) => `⟨${prefix} ${n}⟩`) },
      { weight: 1, arbitrary: made },
    );
  const examples = schema.examples ?? [];
  return examples.length === 0
    ? made
    : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...examples) }, { weight: 1, arbitrary: made });
}

function patterned({ pattern, minLength = 0, maxLength = 300 }: Schema): fc.Arbitrary<unknown> {
  const most = Math.min(maxLength, 300);
  if (pattern === undefined) return fc.string({ minLength, maxLength: most });
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength;
  return fc.stringMatching(new RegExp(pattern), { size: 'small' }).filter(fits);
}
