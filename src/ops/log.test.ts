import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLog, describeError } from './log.ts';

test('an error is told with what it came of', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const told = describeError(new Error('the call failed', { cause: refused }));
  expect(told).toMatchObject({ message: 'the call failed', cause: { code: 'ECONNREFUSED' } });
});

test('what an error came of is told as far as it helps, also where it goes round in a circle', () => {
  const first: Error & { cause?: unknown } = new Error('first');
  first.cause = new Error('second', { cause: first });
  expect(JSON.stringify(describeError(first)).match(/"message"/g)).toHaveLength(5);
});

test('the values of a row that PostgreSQL quotes are not told', () => {
  const broken = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (email)=(a@b.c)' });
  expect(JSON.stringify(describeError(new Error('commit', { cause: broken })))).not.toContain('a@b.c');
});

test('secrets are taken out of whole objects that somebody logs', () => {
  let line = '';
  const destination = new Writable({
    write: (chunk, _, done) => {
      line += String(chunk);
      done();
    },
  });
  createLog({ name: 'test', destination }).info({ request: { token: 'tok_1', id: 'pay_1' } }, 'asked');
  expect(line).toContain('pay_1');
  expect(line).not.toContain('tok_1');
});
