import { expect, test } from 'vitest';
import { declineRule } from '../../core/declines.ts';
import { gatewayDecline, PROCESSOR_REASONS, processorDecline } from './codes.ts';

/** As Braintree's reference of authorization responses calls them. */
const SOFT =
  '2000 2001 2002 2003 2016 2025 2026 2034 2035 2038 2040 2042 2046 2048 2057 2062 2078 2080 2092 2099 2101 2102 ' +
  '2103 2104 2105 2106 3000';
const GATEWAY =
  'avs avs_and_cvv cvv fraud risk_threshold application_incomplete token_issuance three_d_secure';
/** Hard to Braintree; to us to be tried again once the customer has corrected what they typed. */
const CORRECTABLE = ['2010', '2059', '2060'];

test('each of the 109 documented codes has one meaning, and so has a settlement that is declined', () => {
  const documented = [...Array(109).keys()].map((n) => String(2000 + n)).concat('3000', '4001');
  expect([...PROCESSOR_REASONS.keys()].sort()).toEqual(documented);
  for (const code of documented) expect(processorDecline(code).category, code).not.toBe('unmapped');
});

test('what Braintree calls hard is not tried again with the same card, what it calls soft may be', () => {
  const soft = new Set([...SOFT.split(' '), '4001']);
  for (const [code, reason] of PROCESSOR_REASONS) {
    if (CORRECTABLE.includes(code)) continue;
    const { category } = declineRule(reason);
    expect(category === 'hard_decline', code).toBe(!soft.has(code));
  }
});

test.each([
  ['2109', 'generic'],
  ['2110', 'generic'],
  ['2999', 'generic'],
  ['2099', 'authentication_required'],
  ['3001', 'unmapped'],
  ['9999', 'unmapped'],
  ['', 'unmapped'],
])('the code %j is told as %s, with the code beside', (code, reason) => {
  expect(processorDecline(code)).toMatchObject({ reason, raw_code: code });
});

test('each rejection by the gateway has a meaning; a new one is counted, not guessed', () => {
  for (const reason of GATEWAY.split(' ')) expect(gatewayDecline(reason).category).not.toBe('unmapped');
  expect(gatewayDecline('a_new_one')).toEqual({
    reason: 'unmapped',
    category: 'unmapped',
    raw_code: 'a_new_one',
  });
});
