import { createServer } from 'node:net';
import { expect, inject, test } from 'vitest';
import { hostsOf, primaryOf } from './hosts.ts';
import { createPool } from './pool.ts';

test('one host stays as it is', () => {
  for (const url of ['postgres://db/truepenny', 'postgresql://u:p%40w@[::1]:5432/t?sslmode=verify-full'])
    expect(hostsOf(url)).toEqual([url]);
});

test('several hosts become one address each, with all the rest the same', () => {
  expect(
    hostsOf('postgres://u:p@db-a:5432,db-b:5433,[::1]/t?sslmode=require&target_session_attrs=read-write'),
  ).toEqual([
    'postgres://u:p@db-a:5432/t?sslmode=require',
    'postgres://u:p@db-b:5433/t?sslmode=require',
    'postgres://u:p@[::1]/t?sslmode=require',
  ]);
});

test('the host that takes writes is found beside one that is away and one that never answers', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  const { url } = inject('postgres');
  const { host } = new URL(url);
  const several = url.replace(host, `127.0.0.1:1,127.0.0.1:${port},${host}`);
  const pool = createPool(several, { name: 'hosts', max: 3 });
  try {
    expect(await primaryOf(hostsOf(several))).toBe(url);
    const answers = await Promise.all([1, 2, 3].map((n) => pool.query('select $1::int as n', [n])));
    expect(answers.map(({ rows }) => rows[0].n)).toEqual([1, 2, 3]);
  } finally {
    await pool.end();
    silent.close();
  }
});

test('while no host is the primary, that is said, without the password', async () => {
  const pool = createPool('postgres://u:hidden@127.0.0.1:1,127.0.0.1:2/t', { name: 'hosts' });
  const error = await pool.query('select 1').catch((failure: Error & { code?: string }) => failure);
  await pool.end();
  expect(error).toMatchObject({
    code: '08001',
    message: 'none of the 2 database hosts is the primary: ECONNREFUSED, ECONNREFUSED',
  });
});
