import { expect, test } from 'vitest';
import { firstDifference } from './fingerprint.ts';

const stored = 'POST\n/v1/refunds\namount 500\npayment sha256:a\nreason sha256:b';

test.each([
  ['the same request', stored, null],
  ['another method', stored.replace('POST', 'PUT'), 'method'],
  ['another address', stored.replace('refunds', 'captures'), 'route'],
  ['another amount', stored.replace('500', '600'), 'amount'],
  [
    'two other fields: the first by name',
    stored.replace('sha256:b', 'sha256:c').replace('500', '600'),
    'amount',
  ],
  ['a field less', 'POST\n/v1/refunds\namount 500\npayment sha256:a', 'reason'],
  ['a field more', `${stored}\nzone sha256:d`, 'zone'],
])('%s', (_, given, difference) => {
  expect(firstDifference(stored, given)).toBe(difference);
});
