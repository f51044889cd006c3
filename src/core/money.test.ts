import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CURRENCIES, currencyDecimals } from './currencies.ts';
import { decimalString, formatMoney, moneyProblem } from './money.ts';

test.each([
  [-500, 'USD', 'amount_not_positive'],
  [0, 'EUR', 'amount_not_positive'],
  [100.5, 'JPY', 'amount_not_integer'],
  ['4200', 'EUR', 'amount_not_integer'],
  [Number.NaN, 'EUR', 'amount_not_integer'],
  [null, 'EUR', 'amount_not_integer'],
  [1e18, 'EUR', 'amount_too_large'],
  [Number.POSITIVE_INFINITY, 'EUR', 'amount_too_large'],
  [2 ** 53, 'EUR', 'amount_too_large'],
  [100, 'zzz', 'currency_unknown'],
  [100, 'eur', 'currency_unknown'],
  [100, 'XXX', 'currency_unknown'],
  [100, 978, 'currency_unknown'],
])('%s %s is refused as %s', (amount, currency, problem) => {
  expect(moneyProblem(amount, currency)).toBe(problem);
});

test('every whole positive amount up to 2^53 − 1 is taken, in every currency', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      fc.constantFrom(...CURRENCIES),
      (amount, currency) => {
        expect(moneyProblem(amount, currency)).toBeNull();
      },
    ),
  );
});

test.each([
  [4200, 'EUR', 'EUR 42.00'],
  [4200, 'JPY', 'JPY 4200'],
  [4200, 'KWD', 'KWD 4.200'],
  [5, 'EUR', 'EUR 0.05'],
  [-5, 'EUR', 'EUR -0.05'],
  [1, 'CLF', 'CLF 0.0001'],
  [Number.MAX_SAFE_INTEGER, 'USD', 'USD 90071992547409.91'],
])('%i minor units of %s read %s', (amountMinor, currency, text) => {
  expect(formatMoney({ amountMinor, currency })).toBe(text);
});

test('the decimal string of an amount has all of its digits and no other', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
      fc.integer({ min: 0, max: 4 }),
      (amount, decimals) => {
        expect(BigInt(decimalString(amount, decimals).replace('.', ''))).toBe(BigInt(amount));
      },
    ),
  );
});

test('zero-, two- and three-decimal currencies are what ISO 4217 says', () => {
  const decimals = (code: string) => [code, currencyDecimals(code)];
  expect(['JPY', 'KRW', 'ISK', 'CLP', 'EUR', 'HUF', 'TWD', 'MGA', 'KWD', 'TND'].map(decimals)).toEqual([
    ['JPY', 0],
    ['KRW', 0],
    ['ISK', 0],
    ['CLP', 0],
    ['EUR', 2],
    ['HUF', 2],
    ['TWD', 2],
    ['MGA', 2],
    ['KWD', 3],
    ['TND', 3],
  ]);
});
