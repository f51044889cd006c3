import { expect, test } from 'vitest';
import { declineRule } from '../../core/declines.ts';
import { CHECKOUT_DECLINES, declineOf } from './codes.ts';

/** As Checkout.com publishes them. */
const PUBLISHED = `
  20001 20002 20003 20005 20006 20009 20010 20012 20013 20014 20017 20018 20019 20020 20021 20022
  20023 20025 20030 20031 20032 20038 20039 20040 20042 20044 20046 20051 20052 20053 20054 20055
  20056 20057 20058 20059 20060 20061 20062 20063 20064 20065 20066 20067 20068 20075 20078 20082
  20083 20086 20087 20088 20089 20090 20091 20092 20093 20094 20095 20096 20097 20098 20099 2006P
  200N0 200N7 200O5 200P1 200P9 200R1 200R3 200S4 200T2 200T3 200T5 20100 20101 20102 20103 20104
  20105 20106 20107 20108 20109 20110 20111 20112 20113 20114 20115 20116 20117 20118 20119 20120
  20121 20123 20124 20150 20151 20152 20153 20154 20155 20156 20157 20158 20179 20182 20183 20193
  30004 30007 30015 30016 30017 30018 30019 30020 30021 30022 30033 30034 30035 30036 30037 30038
  30041 30043 30044 30045 30046 40101 40201 40202 40203 40204 40205
`
  .trim()
  .split(/\s+/);

test('every published response code has exactly one meaning, with retry advice and words for the customer', () => {
  expect([...CHECKOUT_DECLINES].sort()).toEqual([...PUBLISHED].sort());
  expect(CHECKOUT_DECLINES).toHaveLength(139);
  for (const code of CHECKOUT_DECLINES) {
    const { reason, category, raw_code } = declineOf(code);
    expect(raw_code).toBe(code);
    expect(category, code).not.toBe('unmapped');
    expect(declineRule(reason).customer_message.length).toBeGreaterThan(20);
  }
});

test.each(['10000', '20998', '', 'Declined'])('%j, which nobody published, is unmapped and kept', (code) => {
  expect(declineOf(code)).toEqual({ reason: 'unmapped', category: 'unmapped', raw_code: code });
});

test.each([
  ['20051', 'later'],
  ['20014', 'with_corrected_data'],
  ['20057', 'never'],
  ['20012', 'never'],
  ['20154', 'with_authentication'],
  ['30043', 'never'],
] as const)('%s may be tried again: %s', (code, retry) => {
  expect(declineRule(declineOf(code).reason).retry).toBe(retry);
});
