import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Sources, violations } from './support/architecture.ts';
import { TEST_FILE } from './support/architecture-rules.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

test('the source keeps the rules of the layout', () => {
  const sources = readSources();
  // A list that came out empty would prove nothing.
  expect([...sources.keys()]).toContain('src/core/outcome.ts');
  expect(violations(sources)).toEqual([]);
});

describe('each rule sees a file that breaks it', () => {
  test.each([
    ['core imports nothing from outside core', 'src/core/a.ts', `import { x } from '../ops/x.ts';`],
    ['core imports nothing from outside core', 'src/core/a.ts', `import { x } from 'node:crypto';`],
    ['core imports nothing from outside core', 'src/core/a.ts', `import type { x } from 'typebox';`],
    ['core imports nothing from outside core', 'src/core/a.ts', `export * from '../db/x.ts';`],
    ['core imports nothing from outside core', 'src/core/a.ts', `type X = import('../db/x.ts').X;`],
    ['core imports nothing from outside core', 'src/core/a.ts', `const x = () => import('../db/x.ts');`],
    ['core imports nothing from outside core', 'src/core/a.ts', 'const x = (y: string) => import(y);'],
    [
      'core imports nothing from outside core',
      'src/core/payment/a.ts',
      `import { x } from '../../flow/x.ts';`,
    ],
    ['ops is a leaf', 'src/ops/a.ts', `import { x } from '../core/x.ts';`],
    ['ops is a leaf', 'src/ops/a.ts', `import type { x } from '../db/x.ts';`],
    ['db may import core and ops', 'src/db/a.ts', `import { x } from '../flow/x.ts';`],
    ['connectors may import core and ops', 'src/connectors/a.ts', `import { x } from '../db/x.ts';`],
    ['flow may import', 'src/flow/a.ts', `import { x } from '../features/payments/x.ts';`],
    ['flow may import', 'src/flow/a.ts', `import { x } from '../connectors/simulator/x.ts';`],
    ['features may import', 'src/features/payments/a.ts', `import { x } from '../../http/x.ts';`],
    [
      'features never import one another',
      'src/features/payments/a.ts',
      `import { x } from '../refunds/x.ts';`,
    ],
    ['http may import', 'src/http/a.ts', `import { x } from '../main.ts';`],
    ['the simulator may import', 'src/simulator/a.ts', `import { x } from '../core/money.ts';`],
    ['the simulator may import', 'src/simulator/a.ts', `import { x } from '../connectors/port.ts';`],
    ['nothing imports cli', 'src/main.ts', `import { x } from './cli/x.ts';`],
    ['src imports nothing beside src', 'src/cli/a.ts', `import { x } from '../../test/support/x.ts';`],
    ['src imports nothing beside src', 'src/cli/a.ts', `import { x } from '../../sdk/index.ts';`],
    ['only tests import', 'src/flow/a.ts', `import { x } from './test-kit.ts';`],
    ['uses await', 'src/core/a.ts', 'await x;'],
    ['uses await', 'src/core/a.ts', 'for await (const x of y) z(x);'],
    ['uses async', 'src/core/a.ts', 'const x = { async y() {} };'],
    ['uses Promise', 'src/core/a.ts', 'type X = Promise<number>;'],
    ['uses Date', 'src/core/a.ts', 'const x = () => new Date();'],
    ['uses Date', 'src/core/a.ts', 'const x = (y = Date.now()) => y;'],
    ['uses Date', 'src/core/a.ts', 'const x = () => ({ Date });'],
    ['uses Temporal.Now', 'src/core/a.ts', 'const x = () => Temporal.Now.instant();'],
    ['uses performance', 'src/core/a.ts', 'const x = () => performance.now();'],
    ['uses Math.random', 'src/core/a.ts', 'const x = () => Math.random();'],
    ['uses Math.random', 'src/core/a.ts', `const x = () => Math['random']();`],
    ['uses crypto', 'src/core/a.ts', 'const x = () => crypto.randomUUID();'],
    ['uses process', 'src/core/a.ts', 'const x = () => process.env;'],
    ['uses globalThis', 'src/core/a.ts', 'const x = () => globalThis;'],
    ['uses setTimeout', 'src/core/a.ts', 'const x = () => setTimeout(y, 1);'],
    ['uses console', 'src/core/a.ts', 'const x = () => console.log();'],
    ['uses fetch', 'src/core/a.ts', 'const x = () => fetch(y);'],
    ['uses Date.now', 'src/flow/a.ts', 'const x = () => Date.now();'],
    ['uses new Date()', 'src/features/payments/a.ts', 'const x = () => new Date();'],
    ['uses Math.random', 'src/connectors/a.ts', 'const x = () => Math.random();'],
    ['uses performance.now', 'src/flow/a.ts', 'const x = () => performance.now();'],
    ['uses setTimeout', 'src/flow/a.ts', 'const x = () => setTimeout(y, 1);'],
    ['uses setImmediate', 'src/flow/a.ts', 'const x = () => setImmediate(y);'],
    ['uses fetch', 'src/connectors/a.ts', 'const x = () => fetch(y);'],
    ['uses node:timers/promises', 'src/flow/a.ts', `import { setTimeout as x } from 'node:timers/promises';`],
    ['uses undici', 'src/connectors/a.ts', `import { Pool } from 'undici';`],
    ['uses randomUUID', 'src/flow/a.ts', `import { randomUUID } from 'node:crypto';`],
    ['keeps x at module level', 'src/flow/a.ts', 'let x = 1;'],
    ['keeps x at module level', 'src/flow/a.ts', 'export let x: number;'],
    ['keeps x at module level', 'src/flow/a.ts', 'var x = 1;'],
    ['keeps x at module level', 'src/flow/a.ts', 'const x = new Map<string, number>();'],
    ['keeps x at module level', 'src/flow/a.ts', 'export const x: string[] = [];'],
    ['keeps x at module level', 'src/flow/a.ts', 'const x = {} as Record<string, number>;'],
  ])('%s: %s: %s', (named, path, text) => {
    const found = violations(new Map([[path, text]]));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(named);
    expect(found[0]).toContain(path);
  });

  test('a file of 301 lines is named', () => {
    const found = violations(new Map([['src/flow/a.ts', '// line\n'.repeat(301)]]));
    expect(found).toEqual([expect.stringContaining('src/flow/a.ts: has 301 lines')]);
  });

  test('a cycle is named once, with its way', () => {
    const sources = new Map([
      ['src/flow/a.ts', `import { x } from './b.ts';`],
      ['src/flow/b.ts', `import type { x } from './c.ts';`],
      ['src/flow/c.ts', `export { x } from './a.ts';`],
    ]);
    expect(violations(sources)).toEqual([
      expect.stringContaining(
        'src/flow/a.ts: imports itself by way of src/flow/b.ts → src/flow/c.ts → src/flow/a.ts',
      ),
    ]);
  });
});

test('what only looks like a breach passes', () => {
  const sources = new Map([
    [
      'src/core/a.ts',
      `import { y } from './y.ts';
       /** Date, process, await in a comment */
       const TABLE = new Map([['Date', 'fetch']]);
       export const x = (z: { process: string; Date?: number }) => z.process + TABLE.get('Date') + z.Date + y;
       export function count() { let total = 0; const seen = new Set(); total += 1; return [total, seen]; }`,
    ],
    [
      'src/ops/a.ts',
      `import type { X } from '../core/x.ts'; import { type Y } from '../core/y.ts'; import 'pino';`,
    ],
    [
      'src/simulator/a.ts',
      `import { decline } from '../core/declines.ts'; import type { X } from '../core/money.ts';`,
    ],
    [
      'src/features/payments/a.ts',
      `import { x } from './b.ts'; import type { Connector } from '../../connectors/port.ts';`,
    ],
    ['src/cli/a.ts', `import { x } from '../main.ts';`],
    [
      'src/flow/b.ts',
      `import { createHmac } from 'node:crypto'; import type { Dispatcher } from 'undici'; const x = (y: number) => new Date(y);`,
    ],
    ['src/flow/a.ts', '// line\n'.repeat(300)],
  ]);
  expect(violations(sources)).toEqual([]);
});

function readSources(): Sources {
  const paths = ['src', 'test', 'scripts'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  );
  const sources = paths.filter((path) => /\.(ts|mjs)$/.test(path) && !TEST_FILE.test(path));
  return new Map(sources.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));
}
