import { describe, expect, test } from 'vitest';
import { type Durability, durabilityProblem } from './durability.ts';

const SAFE: Durability = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  synchronous_standby_names: '',
  in_recovery: false,
};

test('a server with everything on takes payments, and so does one that waits for its standby', () => {
  expect(durabilityProblem(SAFE, false)).toBeNull();
  expect(durabilityProblem({ ...SAFE, synchronous_standby_names: 'standby' }, false)).toBeNull();
  const local = { ...SAFE, synchronous_commit: 'local' };
  expect(durabilityProblem(local, false)).toBeNull();
});

describe.each(['fsync', 'full_page_writes', 'synchronous_commit'] as const)('%s off', (setting) => {
  const server = { ...SAFE, [setting]: 'off' };
  test('is refused, with the setting named and what to do', () => {
    const problem = durabilityProblem(server, false);
    expect(problem).toMatchObject({ code: 'database_not_durable' });
    expect(problem?.message).toContain(`has ${setting} off`);
    expect(problem?.remedy).toContain('TRUEPENNY_ALLOW_UNSAFE_DATABASE=1');
  });
  test('is accepted on purpose', () => {
    expect(durabilityProblem(server, true)).toBeNull();
  });
});

test('a synchronous standby that is not waited for is refused', () => {
  const server = { ...SAFE, synchronous_commit: 'local', synchronous_standby_names: 'standby' };
  expect(durabilityProblem(server, false)).toMatchObject({ code: 'database_standby_not_awaited' });
  expect(durabilityProblem(server, true)).toBeNull();
});

test('a standby is refused even on purpose: nothing could be written there', () => {
  const server = { ...SAFE, in_recovery: true };
  expect(durabilityProblem(server, true)).toMatchObject({ code: 'database_is_standby' });
});
