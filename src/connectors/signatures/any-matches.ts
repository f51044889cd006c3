import { timingSafeEqual } from 'node:crypto';

/**
 * Whether one of the signatures given is one of those expected. They are compared as text, so that each has
 * one spelling only (decoded base64 and hexadecimal have several), and in a time that does not tell how much
 * of one was guessed.
 */
export function anyMatches(given: readonly string[], expected: readonly string[]): boolean {
  return given.some((one) => expected.some((other) => sameText(one, other)));
}

function sameText(given: string, expected: string): boolean {
  const left = Buffer.from(given, 'utf8');
  const right = Buffer.from(expected, 'utf8');
  return left.length === right.length && timingSafeEqual(left, right);
}
