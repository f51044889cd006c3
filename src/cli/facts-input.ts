/**
 * A file of provider events for `truepenny facts fold`: JSON lines, or one JSON array of the same objects.
 * Whatever is wrong with it is said with its line and how to put it right.
 */

import { decline } from '../core/declines.ts';
import { moneyProblem } from '../core/money.ts';
import type { CaptureMethod, Funds } from '../core/payment/events.ts';
import type { Fact } from '../core/payment/fact.ts';
import { Problem } from './context.ts';

export const MOST_BYTES = 1_000_000;
const MOST_LINES = 2_000;

export type FoldedPayment = { amount: number; currency: string; capture: CaptureMethod; funds: Funds };
export type FactsFile = { payment: FoldedPayment; facts: Fact[] };

type Fields = Readonly<Record<string, unknown>>;
type Field = 'amount' | 'movement' | 'of' | 'dispute' | 'version' | 'code' | 'reference';

/** All but what ends operations of ours: a file of facts has none of those. */
type Told = Exclude<Fact['kind'], 'capture_failed' | 'refund_failed' | 'void_failed'>;

/** What each kind needs, and what it may have besides `at`. */
const KINDS: Readonly<Record<Told, { needs: readonly Field[]; may: readonly Field[] }>> = {
  authorized: { needs: ['amount'], may: ['reference'] },
  declined: { needs: [], may: ['code'] },
  expired: { needs: [], may: [] },
  voided: { needs: ['amount'], may: [] },
  captured: { needs: ['movement', 'amount'], may: [] },
  captured_total: { needs: ['amount'], may: ['version'] },
  refunded: { needs: ['movement', 'amount'], may: [] },
  refunded_total: { needs: ['amount'], may: ['version'] },
  refund_returned: { needs: ['movement', 'of', 'amount'], may: [] },
  reversed: { needs: ['movement', 'amount'], may: [] },
  disputed: { needs: ['dispute', 'amount'], may: [] },
  dispute_won: { needs: ['dispute'], may: [] },
  dispute_lost: { needs: ['dispute'], may: [] },
};

const EXAMPLE = '{"payment":{"amount":4200,"currency":"EUR","capture_method":"manual"}}';
const ATTEMPT = 'att_1';
/** Ids go into state and output: short, and nothing that could look like something else there. */
const ID = /^[\w.:-]{1,64}$/;

export function readFacts(text: string): FactsFile {
  const entries = entriesOf(text);
  if (entries.length > MOST_LINES)
    throw new Problem(`The file has ${entries.length} events.`, `Give ${MOST_LINES} at most.`);
  const headers = entries.filter(({ value }) => 'payment' in value);
  const [header, second] = headers;
  if (!header) throw new Problem('No line tells of the payment.', `Add one such as ${EXAMPLE}`);
  if (second) throw wrong(second.where, 'tells of the payment a second time', 'Leave one of them out.');
  const payment = paymentOf(header.where, header.value['payment']);
  const facts = entries.filter((e) => e !== header).map((e) => factOf(e.where, e.value, payment.currency));
  return { payment, facts };
}

type Entry = { where: string; value: Fields };

function entriesOf(text: string): Entry[] {
  if (!text.trimStart().startsWith('['))
    return text
      .split('\n')
      .map((line, i) => ({ where: `Line ${i + 1}`, line }))
      .filter(({ line }) => line.trim() !== '')
      .map(({ where, line }) => ({ where, value: asObject(where, parse(where, line)) }));
  const list = parse('The file', text);
  if (!Array.isArray(list))
    throw wrong('The file', 'is no array', 'Give a JSON array, or one object a line.');
  return list.map((value, i) => ({ where: `Entry ${i + 1}`, value: asObject(`Entry ${i + 1}`, value) }));
}

function parse(where: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong(where, 'is no JSON', 'Give one JSON object a line, or one JSON array.');
  }
}

function asObject(where: string, value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw wrong(where, 'is no object', 'Write a fact as {"kind":"captured","movement":"mv_1","amount":4200}.');
}

function paymentOf(where: string, given: unknown): FoldedPayment {
  const fields = asObject(where, given);
  only(where, fields, ['amount', 'currency', 'capture_method', 'funds']);
  const { amount, currency, capture_method: capture = 'manual', funds = 'own' } = fields;
  const problem = moneyProblem(amount, currency);
  if (problem) throw wrong(where, `has the problem ${problem}`, `Write it as ${EXAMPLE}`);
  if (capture !== 'manual' && capture !== 'automatic')
    throw wrong(where, 'has no known capture_method', 'It is "manual" or "automatic".');
  if (funds !== 'own' && funds !== 'held')
    throw wrong(where, 'has no known funds', 'They are "own" or "held".');
  return { amount: amount as number, currency: currency as string, capture, funds };
}

function factOf(where: string, fields: Fields, currency: string): Fact {
  const { kind, at = null } = fields;
  if (typeof kind !== 'string' || !Object.hasOwn(KINDS, kind))
    throw wrong(where, 'has no known kind', `Kinds are ${Object.keys(KINDS).join(', ')}.`);
  const known = kind as Told;
  const { needs, may } = KINDS[known];
  only(where, fields, ['kind', 'at', ...needs, ...may]);
  for (const name of needs)
    if (!(name in fields)) throw wrong(where, `lacks ${name}`, `${kind} needs ${needs.join(', ')}.`);
  for (const name of [...needs, ...may]) if (name in fields) checkField(where, name, fields[name], currency);
  const times = { provider_at: timeOf(where, at), received_at: null };
  return { ...body(known, fields), attempt: ATTEMPT, ...times } as Fact;
}

/** In the words of the core: what the file need not tell has a value here. */
function body(kind: Told, fields: Fields): object {
  const { at: _, code = '', reference = 'ch_1', ...rest } = fields;
  switch (kind) {
    case 'authorized':
      return { ...rest, provider_reference: reference, details: null };
    case 'declined':
      return { ...rest, decline: decline('unmapped', String(code)), provider_reference: null };
    case 'captured':
    case 'refunded':
      return { ...rest, operation: null };
    case 'captured_total':
    case 'refunded_total':
      return { version: '', ...rest };
    default:
      return rest;
  }
}

function checkField(where: string, name: Field, value: unknown, currency: string): void {
  if (name === 'amount') {
    const problem = moneyProblem(value, currency);
    if (problem)
      throw wrong(where, `has the problem ${problem}`, 'Amounts are positive integers of minor units.');
  } else if (typeof value !== 'string' || !ID.test(value))
    throw wrong(where, `has no usable ${name}`, 'Give 1 to 64 letters, digits, or _ . : - in quotes.');
}

function timeOf(where: string, at: unknown): string | null {
  if (at === null) return null;
  const ms = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(ms)) throw wrong(where, 'has no readable time', 'Write `at` as "2026-01-31T12:00:00Z".');
  return new Date(ms).toISOString();
}

function only(where: string, fields: Fields, known: readonly string[]): void {
  const strange = Object.keys(fields).find((name) => !known.includes(name));
  if (strange !== undefined)
    throw wrong(
      where,
      `has an unknown field ${JSON.stringify(strange.slice(0, 64))}`,
      `Known here: ${known.join(', ')}.`,
    );
}

function wrong(where: string, what: string, remedy: string): Problem {
  return new Problem(`${where} ${what}.`, remedy);
}
