import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromUuid, idTimeMs, isId, mintId, toUuid } from './ids.ts';

const random = fc.uint8Array({ minLength: 10, maxLength: 10 });
const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });

test('an id survives the way to the database and back', () => {
  fc.assert(
    fc.property(time, random, (ms, bytes) => {
      const id = mintId('payment', ms, bytes);
      expect(fromUuid('payment', toUuid(id))).toBe(id);
      expect(isId('payment', id)).toBe(true);
    }),
  );
});

test('an id is a version 7 UUID that tells when it was made', () => {
  fc.assert(
    fc.property(time, random, (ms, bytes) => {
      const id = mintId('event', ms, bytes);
      expect(toUuid(id)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(idTimeMs(id)).toBe(ms);
    }),
  );
});

test('ids sort by the time they were made', () => {
  fc.assert(
    fc.property(time, time, random, random, (a, b, x, y) => {
      fc.pre(a !== b);
      expect(mintId('payment', a, x) < mintId('payment', b, y)).toBe(a < b);
    }),
  );
});

test('the example of the TypeID specification is read as its UUID', () => {
  // https://github.com/jetify-com/typeid/tree/main/spec: valid.yml, "valid-uuidv7".
  expect(toUuid('prefix_01h455vb4pex5vsknk084sn02q')).toBe('01890a5d-ac96-774b-bcce-b302099a8057');
  expect(toUuid('prefix_7zzzzzzzzzzzzzzzzzzzzzzzzz')).toBe('ffffffff-ffff-ffff-ffff-ffffffffffff');
});

test.each([
  ['another prefix', 'ref_01h455vb4pex5vsknk084sn02q'],
  ['too short', 'pay_01h455vb4pex5vsknk084sn02'],
  ['too large for 128 bits', 'pay_81h455vb4pex5vsknk084sn02q'],
  ['a letter that the alphabet leaves out', 'pay_01h455vb4pex5vsknk084sn0lu'],
  ['upper case', 'pay_01H455VB4PEX5VSKNK084SN02Q'],
  ['nothing', ''],
])('an id with %s is refused', (_, text) => {
  expect(isId('payment', text)).toBe(false);
});
