import { expect, test } from 'vitest';
import { CHECKOUT_CURRENCIES, fromCheckout, toCheckout } from './amounts.ts';

test.each([
  ['EUR', 1050, 1050],
  ['JPY', 4200, 4200],
  ['KWD', 1230, 1230],
  ['ISK', 500, 500],
  ['UGX', 500, 500],
  ['HUF', 4200, 4200],
  ['TWD', 4200, 4200],
  ['CLP', 4200, 420_000],
])('%s %i goes out as %i and comes back as it was', (currency, amount, value) => {
  expect(toCheckout(amount, currency)).toBe(value);
  expect(fromCheckout(value, currency)).toBe(amount);
});

test.each([
  ['KWD', 1234],
  ['EUR', 1_000_000_000],
  ['CLP', 10_000_000],
])('%s %i has no number at Checkout.com: nothing is rounded', (currency, amount) => {
  expect(toCheckout(amount, currency)).toBeNull();
});

test.each([
  ['CLP', 4250],
  ['EUR', 10.5],
  ['EUR', -1],
  ['EUR', '1000'],
  ['EUR', null],
])('%s %j of Checkout.com has no number here', (currency, value) => {
  expect(fromCheckout(value, currency)).toBeNull();
});

test('a currency whose decimals are not published clearly is not claimed', () => {
  for (const currency of ['CLF', 'UYI', 'UYW']) expect(CHECKOUT_CURRENCIES).not.toContain(currency);
  for (const currency of ['EUR', 'JPY', 'KWD', 'ISK', 'CLP']) expect(CHECKOUT_CURRENCIES).toContain(currency);
});
