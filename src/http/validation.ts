/**
 * Checks requests against their schemas: nothing is converted in bodies, nothing unknown is taken, and what is
 * wrong is told field by field, never with the value.
 */

import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { moneyProblem } from '../core/money.ts';
import { refuseHarmful } from './json-body.ts';
import { Refused } from './problems.ts';

export type FieldProblem = { field: string; code: string; message: string };
type ValidationError = ReturnType<Validator['Errors']>[number];

const MAX_REPORTED = 20;
const NAME = /^[A-Za-z0-9_.-]{1,64}$/;

const MONEY_MESSAGES = {
  amount_not_integer: 'Send a whole number of minor units, as a JSON number: 4200 for EUR 42.00.',
  amount_not_positive: 'Send an amount above zero.',
  amount_too_large: 'Send at most 9007199254740991.',
  currency_unknown: 'Send an ISO 4217 code in upper case, such as EUR.',
} as const;

/** Path parameters are checked where it is known what they name, headers where they are read. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  if (httpPart !== 'body' && httpPart !== 'querystring') return () => true;
  const validator = Compile(schema);
  const prepare = httpPart === 'body' ? bodyOf : (query: unknown) => queryOf(schema, query);
  return (data: unknown) => {
    const value = prepare(data);
    if (validator.Check(value)) return { value };
    return {
      error: new Refused('invalid_request', { errors: fieldProblems(validator.Errors(value), value) }),
    };
  };
};

/** An empty body is an object without fields. */
function bodyOf(data: unknown): unknown {
  return data ?? {};
}

/** A query is text; only what the schema has as integers becomes numbers, and only when written plainly. */
function queryOf(schema: TSchema, query: unknown): Record<string, unknown> {
  refuseHarmful(query, '', 0);
  const properties = (schema as { properties?: Record<string, { type?: string }> }).properties ?? {};
  const entries = Object.entries(query as object).map(([name, value]): [string, unknown] => {
    const isNumber = Object.hasOwn(properties, name) && properties[name]?.type === 'integer';
    return [name, isNumber && /^\d{1,10}$/.test(value) ? Number(value) : value];
  });
  return Object.fromEntries(entries);
}

/** One problem a field: the first that was found. */
export function fieldProblems(errors: ValidationError[], value: unknown): FieldProblem[] {
  const problems = errors.flatMap((error) => problemsOf(error, value));
  const byField = new Map<string, FieldProblem>();
  for (const problem of problems) if (!byField.has(problem.field)) byField.set(problem.field, problem);
  return [...byField.values()].slice(0, MAX_REPORTED);
}

function problemsOf(error: ValidationError, value: unknown): FieldProblem[] {
  const path = error.instancePath;
  switch (error.keyword) {
    case 'required':
      return error.params.requiredProperties.map((name) =>
        at(`${path}/${name}`, 'missing', 'Send this field.'),
      );
    case 'additionalProperties':
      return error.params.additionalProperties.map((name) => unknownField(path, name));
    case 'boolean':
      return []; // Said by additionalProperties as well, there without the name.
    default:
      return [moneyProblemAt(path, value) ?? problemOf(error)];
  }
}

/** A name that is not plainly a name may be anything: it is not repeated. */
function unknownField(path: string, name: string): FieldProblem {
  if (path === '/metadata') return at(path, 'malformed_key', 'Send keys of 1 to 40 printable characters.');
  return at(
    NAME.test(name) ? `${path}/${name}` : path,
    'unknown_field',
    'Leave out what the API does not know.',
  );
}

function moneyProblemAt(path: string, value: unknown): FieldProblem | null {
  const { amount } = value as { amount?: unknown };
  if (path === '/currency') return at(path, 'currency_unknown', MONEY_MESSAGES.currency_unknown);
  if (path !== '/amount') return null;
  const code = typeof amount === 'bigint' ? tooLargeOrNegative(amount) : moneyProblem(amount, 'EUR');
  return code && at(path, code, MONEY_MESSAGES[code]);
}

function tooLargeOrNegative(amount: bigint) {
  return amount > 0n ? 'amount_too_large' : 'amount_not_positive';
}

function problemOf(error: ValidationError): FieldProblem {
  const path = error.instancePath;
  switch (error.keyword) {
    case 'type':
      return at(path, 'wrong_type', `Send ${article(String(error.params.type))}.`);
    case 'enum':
      return at(path, 'not_allowed', oneOf(error.params.allowedValues));
    case 'minLength':
      return at(path, 'too_short', `Send at least ${error.params.limit} characters.`);
    case 'maxLength':
      return at(path, 'too_long', `Send at most ${error.params.limit} characters.`);
    case 'maxProperties':
      return at(path, 'too_many', `Send at most ${error.params.limit} of them.`);
    case 'minimum':
    case 'maximum':
      return at(path, 'out_of_range', `Send a number ${error.params.comparison} ${error.params.limit}.`);
    case '~refine':
      return at(path, 'malformed', error.params.message);
    default:
      return at(path, 'malformed', 'Send only the characters that the reference page allows, in its form.');
  }
}

function oneOf(values: unknown[]): string {
  return values.length > 20
    ? 'Send one of the values that the reference page lists.'
    : `Send one of: ${values.join(', ')}.`;
}

function article(type: string): string {
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}

function at(field: string, code: string, message: string): FieldProblem {
  return { field, code, message };
}
