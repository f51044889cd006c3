import { expect, test } from 'vitest';
import { normalTime } from './item.ts';

test.each([
  ['2026-11-29T10:00:00.000Z', '2026-11-29T10:00:00.000Z'],
  ['2026-11-29T11:00:00+01:00', '2026-11-29T10:00:00.000Z'],
  ['2026-02-31T99:00:00.000Z', null],
  ['yesterday', null],
  ['+275760-09-13T00:00:00.000Z', null],
  ['', null],
  [null, null],
])('a provider that writes %s for a time said so at %s', (written, time) => {
  expect(normalTime(written)).toBe(time);
});
