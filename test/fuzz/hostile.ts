/** Values that nobody means well with, and what they do to a value that was well-formed. */

import fc from 'fast-check';

/** A test number of Visa: it must come back nowhere. */
export const CARD = '4111111111111111';

const TEXTS = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'x\udc00y',
  '\u202etxt.exe',
  '\ufeff',
  '\r\nSet-Cookie: a=b',
  '../../../../etc/passwd',
  '..%2f..%2f',
  '%00',
  '%',
  '%zz',
  '%F0%9F%98%80',
  "' or 1=1; drop table payments; --",
  '\\',
  '"',
  '{{7*7}}',
  '$1',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'null',
  'true',
  'NaN',
  '-1',
  '1e400',
  '0x10',
  '9007199254740993',
  CARD,
  '4111 1111 1111 1111',
  '2026-02-31T00:00:00Z',
  '9999-99-99T99:99:99Z',
  '0001-01-01T00:00:00+99:99',
  'pay_',
  'pay_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  'https://user:password@127.0.0.1:1/',
  'http://[::1]/',
  'javascript:alert(1)',
  'a'.repeat(300),
  'é'.repeat(5_000),
  '😀'.repeat(300),
  '('.repeat(200),
] as const;

const NUMBERS = [
  0,
  -0,
  -1,
  1,
  0.1,
  1.5,
  1e21,
  1e308,
  5e-324,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 - 1,
  2 ** 63,
  -(2 ** 63),
];

function nested(depth: number): unknown {
  let value: unknown = 'deep';
  for (let n = 0; n < depth; n++) value = n % 2 === 0 ? [value] : { a: value };
  return value;
}

const STRUCTURES: unknown[] = [
  null,
  true,
  false,
  [],
  {},
  [[]],
  [null],
  { '': '' },
  JSON.parse('{"__proto__":{"polluted":true}}'),
  { constructor: { prototype: { polluted: true } } },
  { toString: 1, hasOwnProperty: 1 },
  JSON.parse('{"then":"x"}'),
  nested(12),
  nested(40),
  nested(2_000),
  Array.from({ length: 2_000 }, (_, n) => n),
  Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`k${n}`, n])),
];

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 60 }) },
);

export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: hostileText },
  { weight: 2, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 2, arbitrary: fc.constantFrom(...STRUCTURES) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
);

/** The value with one place in it replaced, taken away, or given a stranger beside it. */
export function spoiled(good: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const how = fc.constantFrom('replace' as const, 'replace' as const, 'remove' as const, 'add' as const);
  return fc
    .tuple(good, fc.nat({ max: 1_000 }), how, hostileValue, hostileText)
    .map(([value, place, action, evil, name]) => {
      const copy = structuredClone(value);
      const places = placesOf(copy);
      const at = places[place % (places.length + 1)];
      if (at === undefined) return action === 'add' && isObject(copy) ? { ...copy, [name]: evil } : evil;
      if (action === 'remove') Reflect.deleteProperty(at.parent, at.key);
      else Object.defineProperty(at.parent, action === 'add' ? name : at.key, own(evil));
      return copy;
    });
}

type Place = { parent: object; key: string };

function placesOf(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [{ parent: value, key }, ...placesOf(inner)]);
}

/** Not by assignment: that would set the prototype where the name is `__proto__`. */
function own(value: unknown): PropertyDescriptor {
  return { value, enumerable: true, writable: true, configurable: true };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
