import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Due, popDue, pushDue } from './due.ts';

test('whatever was put in comes out when it is due, the earliest first', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), fc.nat(50), (times, now) => {
      const due: Due = [];
      for (const [i, at] of times.entries()) pushDue(due, { at, charge: `${at}/${i}` });
      const out: number[] = [];
      for (let next = popDue(due, now); next !== null; next = popDue(due, now))
        out.push(Number.parseInt(next, 10));
      expect(out).toEqual(times.filter((at) => at <= now).sort((a, b) => a - b));
      expect(due).toHaveLength(times.length - out.length);
    }),
  );
});
