/**
 * JSON Schema from a TypeScript type, by the compiler's own checker. Knows what events are made of, and refuses the
 * rest, so that nothing is published loosely.
 */

import { fileURLToPath } from 'node:url';
import {
  API,
  type Checker,
  type Symbol as Field,
  type Project,
  SymbolFlags,
  type Type,
  TypeFlags,
  type TypeReference,
} from 'typescript/unstable/sync';

/** The part of JSON Schema that is written and compared here. Objects are open: readers skip what they do not know. */
export type Schema = {
  description?: string;
  type?: 'object' | 'array' | 'string' | 'integer' | 'boolean' | 'null';
  format?: string;
  enum?: (string | number | boolean)[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
};

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Calls with a function that gives the schema of the type `name` that the file exports; the compiler ends with it. */
export function withTypes<Result>(use: (schemaOf: (file: string, name: string) => Schema) => Result): Result {
  const api = new API({ cwd: ROOT });
  try {
    const snapshot = api.updateSnapshot({ openProjects: [`${ROOT}tsconfig.json`] });
    const [project] = snapshot.getProjects();
    if (!project) throw new Error('tsconfig.json could not be opened');
    return use((file, name) => schemaOf(project.checker, exported(project, `${ROOT}${file}`, name), name));
  } finally {
    api.close();
  }
}

function exported({ checker, program }: Project, path: string, name: string): Type {
  const file = program.getSourceFile(path);
  const module = file && checker.getSymbolAtLocation(file);
  const symbol = module && checker.getMemberInModuleExports(module, name);
  if (!symbol) throw new Error(`${path} exports no type ${name}`);
  return checker.getDeclaredTypeOfSymbol(symbol);
}

function schemaOf(checker: Checker, type: Type, at: string): Schema {
  const { flags } = type;
  if (flags & TypeFlags.Boolean) return { type: 'boolean' };
  if (type.isUnionType()) return unionOf(checker, type.getTypes(), at);
  if (flags & TypeFlags.Null) return { type: 'null' };
  if (type.isStringLiteralType()) return { type: 'string', enum: [type.value] };
  if (flags & TypeFlags.String) return { type: 'string' };
  // No event has a fraction: amounts are minor units, the rest are counts.
  if (flags & TypeFlags.Number) return { type: 'integer' };
  if (flags & TypeFlags.NonPrimitive) return { type: 'object' };
  if (checker.isArrayType(type) && type.isTypeReference()) return arrayOf(checker, type, at);
  if (type.isObjectType()) return objectOf(checker, type, at);
  throw new Error(`${at}: ${checker.typeToString(type)} cannot be published: use plain data`);
}

/** Texts of a closed list are one alternative, whatever else there is beside them. A flag that is only ever set is a boolean. */
function unionOf(checker: Checker, types: readonly Type[], at: string): Schema {
  const texts = types.filter((type) => type.isStringLiteralType()).map(({ value }) => value);
  const flags = types.filter((type) => type.flags & TypeFlags.BooleanLiteral);
  const others = types.filter(
    (type) => !type.isStringLiteralType() && !(type.flags & (TypeFlags.BooleanLiteral | TypeFlags.Undefined)),
  );
  const alternatives: Schema[] = [
    ...(texts.length > 0 ? [{ type: 'string' as const, enum: texts.sort() }] : []),
    ...(flags.length > 0 ? [{ type: 'boolean' as const }] : []),
    ...others.map((type) => schemaOf(checker, type, at)),
  ];
  const [only] = alternatives;
  return alternatives.length === 1 && only ? only : { anyOf: alternatives };
}

function arrayOf(checker: Checker, type: TypeReference, at: string): Schema {
  const [item] = checker.getTypeArguments(type);
  if (!item) throw new Error(`${at}: an array of nothing`);
  return { type: 'array', items: schemaOf(checker, item, `${at}[]`) };
}

function objectOf(checker: Checker, type: Type, at: string): Schema {
  const fields = checker.getPropertiesOfType(type);
  const properties = fields.map(
    (field) => [field.name, fieldOf(checker, field, `${at}.${field.name}`)] as const,
  );
  const required = fields.filter((field) => !(field.flags & SymbolFlags.Optional)).map(({ name }) => name);
  return { type: 'object', properties: Object.fromEntries(properties), required };
}

function fieldOf(checker: Checker, field: Field, at: string): Schema {
  const type = checker.getTypeOfSymbol(field);
  if (!type) throw new Error(`${at} has no type`);
  const description = field.getDocumentationComment(checker).replaceAll(/\s+/g, ' ').trim();
  const schema = schemaOf(checker, type, at);
  return { ...(description && { description }), ...(isTime(field.name) ? timed(schema) : schema) };
}

/** Names tell units here: what ends in `_at` is a time in ISO 8601. */
function isTime(name: string): boolean {
  return name === 'time' || name.endsWith('_at');
}

function timed(schema: Schema): Schema {
  if (schema.anyOf) return { ...schema, anyOf: schema.anyOf.map(timed) };
  return schema.type === 'string' ? { ...schema, format: 'date-time' } : schema;
}
