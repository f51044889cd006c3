import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CANARIES } from '../simulation/canaries.ts';
import { FAULT_KINDS } from '../simulation/faults.ts';
import { scenarios } from './page.ts';
import { testNames } from './test-names.ts';

const ALL = scenarios().flatMap(({ rows }) => rows);

test.each(ALL)('$went — each test that is to show it is there under that very name', ({ tests }) => {
  for (const { file, name } of tests) {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    expect(testNames(text), file).toContain(name);
  }
});

test('what the simulation is to break or to make go wrong is among what it knows', () => {
  const canaries = CANARIES.map(({ name }) => name);
  expect(ALL.flatMap((one) => one.canaries).filter((name) => !canaries.includes(name))).toEqual([]);
  const faults: readonly string[] = FAULT_KINDS;
  expect(ALL.flatMap((one) => one.faults).filter((name) => !faults.includes(name))).toEqual([]);
});

test('nothing is claimed without a test, but what is said to come later', () => {
  expect(ALL.filter(({ tests, later }) => tests.length === 0 && later === null)).toEqual([]);
});

/** As vitest names a test that it does not run. */
const LEFT_OUT = ['skip', 'todo'];

test('a name counts only where a test has it that runs', () => {
  const text = `
    describe('a', () => {
      test('b', () => {});
      test.each([['c']])('d %s', () => {});
      test.skipIf(webhooks === null)('e', () => {});
      ${LEFT_OUT.map((way) => `test.${way}('f', () => {});`).join('\n')}
      expect('h', 'b');
    });`;
  expect(testNames(text)).toEqual(['b', 'd %s', 'e']);
});
