import { describe, expect, test } from 'vitest';
import { CURRENCIES } from '../../core/currencies.ts';
import { fromStripe, STRIPE_CURRENCIES, toStripe } from './amounts.ts';

describe('amounts at Stripe', () => {
  test.each([
    ['42.00 euros are 4200 cents', 'EUR', 4200, 4200],
    ['4200 yen are 4200', 'JPY', 4200, 4200],
    ['4200 Chilean pesos are 4200', 'CLP', 4200, 4200],
    ['4.200 Kuwaiti dinars are 4200 fils', 'KWD', 4200, 4200],
    ['5 Icelandic krónur are written with two decimals', 'ISK', 5, 500],
    ['4200 Ugandan shillings are written with two decimals', 'UGX', 4200, 420_000],
    ['42.05 forints are charged with their decimals', 'HUF', 4205, 4205],
    ['42.05 Taiwan dollars are charged with their decimals', 'TWD', 4205, 4205],
    ['42.00 Malagasy ariary are 42 whole ones', 'MGA', 4200, 42],
  ])('%s', (_, currency, ours, stripes) => {
    expect(toStripe(ours, currency)).toBe(stripes);
    expect(fromStripe(stripes, currency.toLowerCase())).toBe(ours);
  });

  test.each([
    ['4.205 Kuwaiti dinars: the last digit must be zero', 'KWD', 4205],
    ['42.05 Malagasy ariary: Stripe knows whole ones only', 'MGA', 4205],
    ['what a JSON number could not carry', 'UGX', Number.MAX_SAFE_INTEGER - 1],
  ])('are refused, never rounded: %s', (_, currency, ours) => {
    expect(toStripe(ours, currency)).toBeNull();
  });

  test.each([
    ['a part of a króna', 550, 'isk'],
    ['a fraction', 4.2, 'eur'],
    ['a text', '4200', 'eur'],
    ['less than nothing', -1, 'eur'],
    ['nothing at all', undefined, 'eur'],
    ['a currency that does not exist', 4200, 'xxx'],
  ])('cannot be read where Stripe would say %s', (_, amount, currency) => {
    expect(fromStripe(amount, currency)).toBeNull();
  });

  test('there are 137 currencies to charge in, all of them in ISO 4217', () => {
    expect(STRIPE_CURRENCIES.filter((currency) => !CURRENCIES.includes(currency))).toEqual([]);
    expect(new Set(STRIPE_CURRENCIES).size).toBe(STRIPE_CURRENCIES.length);
    expect(STRIPE_CURRENCIES.length).toBe(137);
  });
});
