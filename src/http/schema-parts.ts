/** What the schemas of answers are made of. */

import { type TSchema, Type } from 'typebox';

type Properties = Record<string, TSchema>;

/** A schema of components/schemas: `$id` is its name there. */
export function shared(name: string, description: string, properties: Properties) {
  return Type.Object(properties, { $id: name, description });
}

export function ref(name: string) {
  return Type.Unsafe<object>({ $ref: `${name}#` });
}

export const text = (description: string, options: object = {}) => Type.String({ description, ...options });
export const orNull = (schema: TSchema) => Type.Union([schema, Type.Null()]);
export const textOrNull = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], description });
export const time = (description: string) => Type.String({ format: 'date-time', description });
export const timeOrNull = (description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time', description });
export const minor = (description: string) =>
  Type.Integer({ description: `${description}, in minor units.` });
export const oneOf = (values: readonly string[], description: string) =>
  Type.Unsafe<string>({ type: 'string', enum: [...values], description });
export const anything = (description: string) => Type.Object({}, { description, additionalProperties: true });

/** A page of a list. */
export function page(name: string) {
  return Type.Object({
    object: Type.Literal('list'),
    data: Type.Array(ref(name)),
    has_more: Type.Boolean(),
    next_cursor: Type.Unsafe<string | number | null>({
      type: ['string', 'integer', 'null'],
      description: 'Where the next page begins.',
    }),
  });
}
