import { expect, test } from 'vitest';
import type { AccountConfig } from '../ops/accounts.ts';
import { checkAccounts, REGISTRY } from './registry.ts';

function account(provider: string, more: Partial<AccountConfig>): AccountConfig {
  const [version = ''] = Object.keys(REGISTRY[provider]?.versions ?? {});
  return {
    account: 'eu',
    provider,
    url: null,
    mode: 'test',
    versions: [{ version, percent: 100 }],
    credentials: {},
    settings: {},
    ...more,
  };
}

const KEY = { secret_key: 'sk_123456789' };

test('a setting or a credential that nothing reads is refused, and not repeated', () => {
  const slip = account('stripe', { credentials: KEY, settings: { multi_capture: true } });
  expect(() => checkAccounts([slip])).toThrow(
    'The account eu has a setting that nothing reads; it may have multicapture.',
  );
  const secret = account('stripe', { credentials: { ...KEY, sk_live_1: 'x' } });
  expect(() => checkAccounts([secret])).toThrow(
    'The account eu has a credential that nothing reads; it may have secret_key.',
  );
  expect(() => checkAccounts([account('simulator', { settings: { slow: true } })])).toThrow('it needs none');
});

test.each(Object.entries(REGISTRY))(
  '%s takes all that it names',
  (provider, { credentials, settings, optionalSettings }) => {
    const of = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 'given']));
    const full = account(provider, {
      credentials: of(credentials),
      settings: of([...settings, ...optionalSettings]),
    });
    expect(() => checkAccounts([full])).not.toThrow();
  },
);
