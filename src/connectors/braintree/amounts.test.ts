import { expect, test } from 'vitest';
import { amountMinorOf, amountText } from './amounts.ts';

test.each([
  ['EUR', 4200, '42.00'],
  ['EUR', 5, '0.05'],
  ['JPY', 4200, '4200'],
  ['KWD', 4255, '4.255'],
  ['ISK', 500, '500'],
  ['CLP', 1500, '1500'],
  ['HUF', 420_050, '4200.50'],
  ['TWD', 420_000, '4200.00'],
  ['UGX', 7000, '7000'],
])('%s %i is sent as %s, and read back as the same', (currency, minor, text) => {
  expect(amountText(minor, currency)).toBe(text);
  expect(amountMinorOf(text, currency)).toBe(minor);
});

test.each([
  ['250.0', 'USD', 25_000],
  ['100', 'USD', 10_000],
  ['4200.00', 'JPY', 4200],
  ['4200.50', 'JPY', null],
  ['1.005', 'EUR', null],
  ['-1.00', 'EUR', null],
  ['1e3', 'EUR', null],
  ['1,000.00', 'EUR', null],
  ['', 'EUR', null],
  [null, 'EUR', null],
  ['1.00', 'XXX', null],
  ['99999999999999999', 'JPY', null],
])('%j of %s is read as %j: never rounded', (text, currency, minor) => {
  expect(amountMinorOf(text, currency)).toBe(minor);
});
