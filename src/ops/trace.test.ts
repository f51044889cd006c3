import { expect, test } from 'vitest';
import { continueTrace, newTrace } from './trace.ts';
import { realWorld } from './world.ts';

const world = realWorld();
const FORM = /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/;
const ID = '4bf92f3577b34da6a3ce929d0e0e4736';

test('a new trace is well-formed and unlike the one before', () => {
  const trace = newTrace(world);
  expect(trace.traceparent).toMatch(FORM);
  expect(trace.traceparent).toContain(trace.correlation);
  expect(newTrace(world).correlation).not.toBe(trace.correlation);
});

test.each([`00-${ID}-00f067aa0ba902b7-01`, `cc-${ID}-00f067aa0ba902b7-01-of-the-future`])(
  '%s is continued',
  (header) => {
    const trace = continueTrace(header, world);
    expect(trace.correlation).toBe(ID);
    expect(trace.traceparent).toMatch(FORM);
    expect(trace.traceparent).not.toContain('00f067aa0ba902b7');
  },
);

test.each([
  undefined,
  '',
  'x',
  `ff-${ID}-00f067aa0ba902b7-01`,
  `00-${ID.toUpperCase()}-00f067aa0ba902b7-01`,
  `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
  `00-${ID}-${'0'.repeat(16)}-01`,
  `00-${ID}-00f067aa0ba902b7-01x`,
])('%s is no trace: a new one starts', (header) => {
  const trace = continueTrace(header, world);
  expect(trace.traceparent).toMatch(FORM);
  expect(trace.correlation).not.toBe(ID);
});
