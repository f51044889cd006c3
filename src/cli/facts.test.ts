import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { fold } from './facts.ts';

const EXAMPLE = fileURLToPath(new URL('../../docs/examples/out-of-order.ndjson', import.meta.url));
const LINES = readFileSync(EXAMPLE, 'utf8').trim().split('\n');

/** What may not depend on the order of the lines: all but the list of events. */
function ending(text: string): string {
  const { events: _, ...rest } = fold(text);
  return JSON.stringify(rest);
}

function* permutations(items: string[]): Generator<string[]> {
  if (items.length === 0) yield [];
  for (const [index, first] of items.entries())
    for (const rest of permutations(items.toSpliced(index, 1))) yield [first, ...rest];
}

test('the example comes to the same in every order of its lines', () => {
  const expected = ending(LINES.join('\n'));
  const others = LINES.filter((line) => !line.includes('"payment"'));
  const [payment] = LINES.filter((line) => line.includes('"payment"'));
  let orders = 0;
  for (const order of permutations(others)) {
    // The payment's line may stand anywhere: it moves along.
    const text = order.toSpliced(orders % LINES.length, 0, payment ?? '').join('\n');
    if (ending(text) !== expected) expect(JSON.parse(ending(text))).toEqual(JSON.parse(expected));
    orders += 1;
  }
  expect(orders).toBe(40_320);
}, 60_000);

test('the example is captured in two parts, its refund came back, its dispute was won', () => {
  const folded = fold(LINES.join('\n'));
  expect(folded.status).toBe('captured');
  expect(folded.amounts).toMatchObject({ authorized: 4200, captured: 4200, refunded: 0, disputed: 0 });
  expect(folded.ledger).toEqual([
    { account: 'provider_receivable:provider', balance: 4200 },
    { account: 'sales', balance: -4200 },
  ]);
  expect(folded.exceptions.map((x) => `${x.type} ${x.subject}`)).toEqual([
    'unrequested_capture mv_1',
    'unrequested_capture mv_2',
    'unrequested_refund mv_3',
  ]);
  expect(folded.waiting).toEqual([]);
  expect(folded.invariants.filter((i) => !i.holds)).toEqual([]);
});

test('lines that are repeated, and an array in place of lines, come to the same', () => {
  const expected = ending(LINES.join('\n'));
  const payment = LINES.filter((line) => line.includes('"payment"'));
  const facts = LINES.filter((line) => !line.includes('"payment"'));
  expect(ending([...facts, ...payment, ...facts].join('\n\n'))).toBe(expected);
  expect(ending(`[${LINES.join(',')}]`)).toBe(expected);
});

test('a return whose refund was never told is shown as waiting', () => {
  const lines = LINES.filter((line) => !line.includes('"refunded"'));
  expect(fold(lines.join('\n')).waiting).toEqual(['refund_returned mv_4']);
});

describe('what cannot be used is named with its line', () => {
  const payment = '{"payment":{"amount":100,"currency":"EUR"}}';
  test.each([
    ['no payment', '{"kind":"expired"}', 'No line tells of the payment.'],
    ['two payments', `${payment}\n${payment}`, 'Line 2 tells of the payment a second time.'],
    ['no JSON', `${payment}\n\nnonsense`, 'Line 3 is no JSON.'],
    ['no object', `[${payment}, 7]`, 'Entry 2 is no object.'],
    ['an unknown kind', `${payment}\n{"kind":"toString"}`, 'Line 2 has no known kind.'],
    ['a missing field', `${payment}\n{"kind":"captured","amount":1}`, 'Line 2 lacks movement.'],
    ['a strange field', `${payment}\n{"kind":"expired","amuont":1}`, 'Line 2 has an unknown field "amuont".'],
    [
      'a fraction',
      `${payment}\n{"kind":"voided","amount":1.5}`,
      'Line 2 has the problem amount_not_integer.',
    ],
    ['a time', `${payment}\n{"kind":"expired","at":"soon"}`, 'Line 2 has no readable time.'],
    ['a currency', '{"payment":{"amount":100,"currency":"zzz"}}', 'Line 1 has the problem currency_unknown.'],
    ['too many', `${payment}${'\n{"kind":"expired"}'.repeat(2000)}`, 'The file has 2001 events.'],
  ])('%s', (_, text, message) => {
    expect(() => fold(text)).toThrow(message);
  });
});
