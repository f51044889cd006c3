import { expect, test } from 'vitest';
import { anyMatches } from './any-matches.ts';

test('one of those given must be one of those expected', () => {
  expect(anyMatches(['x', 'abc'], ['y', 'abc'])).toBe(true);
  expect(anyMatches(['x', 'abd'], ['y', 'abc'])).toBe(false);
  expect(anyMatches([], ['abc'])).toBe(false);
  expect(anyMatches(['abc'], [])).toBe(false);
});

test.each([
  ['a part of it', 'ab'],
  ['more than it', 'abcd'],
  ['other capitals', 'ABC'],
  // Cut to one byte each, these would be the same.
  ['other characters that end in the same byte', '\u0161\u0162\u0163'],
])('%s is not the same text', (_, given) => {
  expect(anyMatches([given], ['abc'])).toBe(false);
});
