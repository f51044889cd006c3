import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstDifference } from '../core/fingerprint.ts';
import { canonicalJson, fingerprint } from './fingerprint.ts';

test('the order of fields and keys does not count', () => {
  const one = fingerprint('POST', '/v1/payments', { amount: 1, metadata: { a: '1', b: '2' } });
  const other = fingerprint('POST', '/v1/payments', { metadata: { b: '2', a: '1' }, amount: 1 });
  expect(firstDifference(one, other)).toBeNull();
});

test('no text of the caller is readable in it', () => {
  const text = fingerprint('POST', '/v1/payments', { amount: 4200, customer: { email: 'ada@example.com' } });
  expect(text).toContain('amount 4200');
  expect(text).not.toContain('ada');
});

test('two bodies have the same fingerprint only when they are equal', () => {
  const bodies = fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.jsonValue({ noUnicodeString: false }));
  fc.assert(
    fc.property(bodies, bodies, (a, b) => {
      const same = canonicalJson(a) === canonicalJson(b);
      expect(fingerprint('POST', '/', a) === fingerprint('POST', '/', b)).toBe(same);
    }),
  );
});
