import { expect, test } from 'vitest';
import { ConfigProblem } from '../../ops/config-problem.ts';
import { realWorld } from '../../ops/world.ts';
import { ADYEN } from './register.ts';

const world = realWorld();
const account = {
  account: 'eu',
  provider: 'adyen',
  url: null,
  mode: 'test',
  versions: [{ version: '72', percent: 100 }],
  credentials: { api_key: 'AQE' },
  settings: { merchant_account: 'M' },
} as const;
const make = (more: object = {}) => ADYEN.versions[72]?.({ ...account, ...more }, { world, timeoutMs: null });

test('a test account needs no address, a live one needs Adyen’s prefix of the company', async () => {
  const live = {
    mode: 'live',
    settings: { merchant_account: 'M', live_url_prefix: '1797a841fbb37ca7-AdyenDemo' },
  };
  for (const connector of [make(), make(live)]) {
    expect(connector).toMatchObject({ name: 'adyen', version: '72' });
    await connector?.close();
  }
  expect(() => make({ mode: 'live' })).toThrow(ConfigProblem);
  expect(() => make({ mode: 'live' })).toThrow(/live_url_prefix/);
});

test('a prefix that would lead elsewhere is refused', () => {
  for (const live_url_prefix of ['evil.test/', 'a@b', '', 'x'.repeat(61)])
    expect(() => make({ mode: 'live', settings: { merchant_account: 'M', live_url_prefix } })).toThrow(
      ConfigProblem,
    );
});
