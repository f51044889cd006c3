import { expect, test } from 'vitest';
import { fromPayPal, PAYPAL_CURRENCIES, toPayPal } from './amounts.ts';

test.each([
  ['EUR', 4200, '42.00'],
  ['EUR', 5, '0.05'],
  ['EUR', 100_000_001, '1000000.01'],
  ['JPY', 4200, '4200'],
  ['HUF', 4200, '42'],
  ['TWD', 100, '1'],
])('%s %i minor units are told as %j, and read back as the same', (currency, amount, value) => {
  expect(toPayPal(amount, currency)).toEqual({ currency_code: currency, value });
  expect(fromPayPal({ currency_code: currency, value }, currency)).toBe(amount);
});

test.each([
  ['HUF', 4250],
  ['TWD', 1],
  ['KWD', 4200],
  ['ISK', 4200],
  ['CLP', 4200],
  ['UGX', 4200],
])('%s %i is never rounded: it is not told at all', (currency, amount) => {
  expect(toPayPal(amount, currency)).toBeNull();
});

test.each(['42', '42.0', '42.00', '42.000'])('%j EUR is 4200', (value) => {
  expect(fromPayPal({ currency_code: 'EUR', value }, 'EUR')).toBe(4200);
});

test.each([
  ['of another currency', { currency_code: 'USD', value: '42.00' }],
  ['with a third decimal', { currency_code: 'EUR', value: '42.001' }],
  ['below zero', { currency_code: 'EUR', value: '-42.00' }],
  ['that is a number', { currency_code: 'EUR', value: 42 }],
  ['in letters', { currency_code: 'EUR', value: 'forty-two' }],
  ['beyond 2^53', { currency_code: 'EUR', value: '9999999999999999.00' }],
  ['that is missing', undefined],
])('an amount %s is none', (_, money) => {
  expect(fromPayPal(money, 'EUR')).toBeNull();
});

test('every amount of every currency that PayPal knows comes back as it went', () => {
  for (const currency of PAYPAL_CURRENCIES)
    for (const amount of [1, 99, 100, 101, 12_300, 999_999_900]) {
      const money = toPayPal(amount, currency);
      if (money !== null) expect(fromPayPal(money, currency), currency).toBe(amount);
    }
});
