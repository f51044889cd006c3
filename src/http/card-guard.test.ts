import { createHash, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mintId } from '../core/ids.ts';
import { holdsCardNumber } from './card-guard.ts';

/** Published test numbers of the schemes. */
const CARDS = {
  Visa: '4242424242424242',
  'Visa of 13 digits': '4222222222222',
  'Visa of 19 digits': '4000000000000000006',
  Mastercard: '5555555555554444',
  'Mastercard, 2-series': '2223003122003222',
  'American Express': '378282246310005',
  Discover: '6011111111111117',
  'Diners Club': '30569309025904',
  'Diners Club of 16 digits': '3600000000000008',
  JCB: '3566002020360505',
  UnionPay: '6200000000000005',
  'UnionPay of 19 digits': '6205500000000000004',
  Maestro: '6759649826438453',
};

test.each(Object.entries(CARDS))(
  'a %s number is found: plain, grouped, dashed, inside text, beside digits',
  (_, number) => {
    const grouped = number.replace(/(\d{4})(?=\d)/g, '$1 ');
    const forms = [
      number,
      grouped,
      grouped.replaceAll(' ', '-'),
      `card:${number}.`,
      `x${number}y`,
      `${grouped} 12 27`,
      grouped.replaceAll(' ', '  '),
      grouped.replaceAll(' ', '\u00a0'),
      grouped.replaceAll(' ', '.'),
      grouped.replaceAll(' ', '\u2013'),
      number.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    ];
    expect(forms.filter((form) => !holdsCardNumber(form))).toEqual([]);
  },
);

test.each([
  '4242424242424241',
  '1234567890123456',
  '0000000000000000',
  '42424242424242',
  '4242, 4242, 4242, 4242',
  '1763849000123',
])('%s is no card number', (text) => {
  expect(holdsCardNumber(text)).toBe(false);
});

test('a number with one digit changed fails the check digit and passes', () => {
  const changed = fc.tuple(
    fc.constantFrom(...Object.values(CARDS)),
    fc.nat(12),
    fc.integer({ min: 1, max: 9 }),
  );
  fc.assert(
    fc.property(changed, ([number, place, by]) => {
      const digit = (Number(number[place + 1] ?? 0) + by) % 10;
      const other = `${number.slice(0, place + 1)}${digit}${number.slice(place + 2)}`;
      expect(holdsCardNumber(other)).toBe(false);
    }),
  );
});

test('identifiers as programs make them are never taken for card numbers', () => {
  const bytes = (n: number) => createHash('sha512').update(String(n)).digest();
  const found: string[] = [];
  for (let n = 0; n < 20_000; n++) {
    const id = mintId('payment', 1_700_000_000_000 + n, bytes(n).subarray(0, 10));
    const digest = bytes(n).toString('hex').slice(0, 64);
    for (const text of [randomUUID(), digest, digest.slice(0, 40), digest.slice(0, 32), id])
      if (holdsCardNumber(text)) found.push(text);
  }
  expect(found).toEqual([]);
});
