import { describe, expect, test } from 'vitest';
import { ADYEN_CURRENCIES, fromAdyen, toAdyen } from './amounts.ts';

test.each([
  ['EUR', 1050, 1050],
  ['JPY', 4200, 4200],
  ['KWD', 1234, 1234],
  ['UGX', 500, 500],
  ['HUF', 4200, 4200],
  ['TWD', 4200, 4200],
  ['ISK', 500, 50_000],
  ['CLP', 4200, 420_000],
  ['CVE', 10_000, 100],
  ['IDR', 1_500_000, 15_000],
])('%s %i goes out as %i and comes back as it was', (currency, amount, value) => {
  expect(toAdyen(amount, currency)).toBe(value);
  expect(fromAdyen(value, currency)).toBe(amount);
});

describe('nothing is rounded', () => {
  test.each([
    ['CVE', 1050],
    ['IDR', 1],
    ['CLP', Number.MAX_SAFE_INTEGER],
  ])('%s %i has no number at Adyen', (currency, amount) => {
    expect(toAdyen(amount, currency)).toBeNull();
  });

  test.each([
    ['CLP', 4250],
    ['ISK', 1],
    ['EUR', 10.5],
    ['EUR', -1],
    ['EUR', '1000'],
    ['EUR', null],
    ['IDR', Number.MAX_SAFE_INTEGER],
  ])('%s %j of Adyen has no number here', (currency, value) => {
    expect(fromAdyen(value, currency)).toBeNull();
  });
});

test('a currency whose decimals Adyen does not publish is not claimed', () => {
  for (const currency of ['BIF', 'CLF', 'MGA', 'UYI', 'UYW'])
    expect(ADYEN_CURRENCIES).not.toContain(currency);
  for (const currency of ['EUR', 'JPY', 'KWD', 'ISK', 'CLP', 'HUF', 'TWD', 'UGX'])
    expect(ADYEN_CURRENCIES).toContain(currency);
});
