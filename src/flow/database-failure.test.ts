import { expect, test } from 'vitest';
import { failureOf } from './database-failure.ts';

const withCode = (code: string) => Object.assign(new Error('some words'), { code });

test.each([
  ['a broken constraint', withCode('23514'), 'bad_item'],
  ['text that cannot be stored', withCode('22P05'), 'bad_item'],
  ['a deadlock', withCode('40P01'), 'again'],
  ['a lock that was not given', withCode('55P03'), 'again'],
  ['a statement that took too long', withCode('57014'), 'again'],
  ['a server that stops', withCode('57P01'), 'connection'],
  ['a full disk', withCode('53100'), 'connection'],
  ['a refused connection', withCode('ECONNREFUSED'), 'connection'],
  ['a lost connection', new Error('Connection terminated unexpectedly'), 'connection'],
  ['a server that does not answer', new Error('Query read timeout'), 'connection'],
  ['a pool that got no connection', new Error('timeout exceeded when trying to connect'), 'connection'],
  ['a mistake in our code', new TypeError('x is undefined'), 'bug'],
  ['a statement that PostgreSQL does not understand', withCode('42601'), 'bug'],
])('%s is a failure of the kind that it is', (_, error, kind) => {
  expect(failureOf(error).kind).toBe(kind);
});
