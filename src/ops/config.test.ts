import { expect, test } from 'vitest';
import { ConfigProblem, readConfig } from './config.ts';

const proxies = (text?: string) => readConfig({ TRUEPENNY_TRUSTED_PROXIES: text }).trustedProxies;

test('no proxy is trusted unless their number is said', () => {
  expect([proxies(), proxies(''), proxies('0'), proxies('2')]).toEqual([0, 0, 0, 2]);
});

test.each(['-1', '1.5', '11', 'true', '10.0.0.0/8'])('%s is no number of proxies, and is said so', (text) => {
  expect(() => proxies(text)).toThrow(ConfigProblem);
  expect(() => proxies(text)).toThrow('TRUEPENNY_TRUSTED_PROXIES must be a whole number from 0 to 10.');
});
