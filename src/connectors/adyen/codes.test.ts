import { expect, test } from 'vitest';
import { declineRule } from '../../core/declines.ts';
import { ADYEN_REFUSALS, declineOf } from './codes.ts';

/** As Adyen publishes them: 0 to 46 without 1, 13 and 30, and 50. */
const PUBLISHED = [
  ...Array.from({ length: 47 }, (_, code) => code).filter((code) => ![1, 13, 30].includes(code)),
  50,
];

test('every published refusal reason has exactly one meaning, with retry advice and words for the customer', () => {
  expect(ADYEN_REFUSALS.map(Number)).toEqual(PUBLISHED);
  for (const code of ADYEN_REFUSALS) {
    const { reason, category, raw_code } = declineOf(code);
    expect(raw_code).toBe(code);
    expect(category, code).not.toBe('unmapped');
    expect(declineRule(reason).customer_message.length).toBeGreaterThan(20);
  }
});

test.each(['1', '13', '30', '47', '99', 'Refused', ''])(
  '%j, which nobody published, is unmapped and kept',
  (code) => {
    expect(declineOf(code)).toEqual({ reason: 'unmapped', category: 'unmapped', raw_code: code });
  },
);

test.each([
  ['46', 'never'],
  ['12', 'later'],
  ['38', 'with_authentication'],
  ['24', 'with_corrected_data'],
] as const)('%s may be tried again: %s', (code, retry) => {
  expect(declineRule(declineOf(code).reason).retry).toBe(retry);
});
