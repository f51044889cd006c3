import { expect, test } from 'vitest';
import { APPROVALS, declineOf, declineOfIssue, MAPPED_CODES } from './codes.ts';

/** `response_code` of PayPal's payments v2 specification, as published with revision ec4d8f3. */
const PUBLISHED =
  '0000 00N7 0100 0390 0500 0580 0800 0880 0890 0960 0R00 1000 10BR 1300 1310 1312 1317 1320 1330 1335 1340 1350 1352 ' +
  '1360 1370 1380 1382 1384 1390 1393 5100 5110 5120 5130 5135 5140 5150 5160 5170 5180 5190 5200 5210 5400 5500 5650 ' +
  '5700 5710 5800 5900 5910 5920 5930 5950 6300 7600 7700 7710 7800 7900 8000 8010 8020 8030 8100 8110 8220 9100 9500 ' +
  '9510 9520 9530 9540 9600 PCNR PCVV PP06 PPRN PPAD PPAB PPAE PPAG PPAI PPAR PPAU PPAV PPAX PPBG PPC2 PPCE PPCO PPCR ' +
  'PPCT PPCU PPD3 PPDC PPDI PPDV PPDT PPEF PPEL PPER PPEX PPFE PPFI PPFR PPFV PPGR PPH1 PPIF PPII PPIM PPIT PPLR PPLS ' +
  'PPMB PPMC PPMD PPNC PPNL PPNM PPNT PPPH PPPI PPPM PPQC PPRE PPRF PPRR PPS0 PPS1 PPS2 PPS3 PPS4 PPS5 PPS6 PPSC PPSD ' +
  'PPSE PPTE PPTF PPTI PPTR PPTT PPTV PPUA PPUC PPUE PPUI PPUP PPUR PPVC PPVE PPVT';

test('every code that PayPal publishes has exactly one reason, or is an approval', () => {
  const known = [...MAPPED_CODES, ...APPROVALS];
  expect(known.toSorted()).toEqual(PUBLISHED.split(' ').toSorted());
  expect(new Set(known).size).toBe(known.length);
});

test.each([
  ['5120', 'insufficient_funds', 'soft_decline'],
  ['9520', 'lost_card', 'hard_decline'],
  ['5650', 'authentication_required', 'needs_authentication'],
  ['Q9', 'unmapped', 'unmapped'],
  ['0000', 'unmapped', 'unmapped'],
])('%s is %s, a %s', (code, reason, category) => {
  expect(declineOf(code)).toEqual({ reason, category, raw_code: code });
});

test('an agreement that was cancelled is one whatever the code beside the advice', () => {
  expect(declineOf('5100', '21')).toMatchObject({ reason: 'revocation_of_authorization', raw_code: '5100' });
  expect(declineOf('5100', '02')).toMatchObject({ reason: 'generic' });
});

test('an issue is a decline only where it speaks of the means of payment', () => {
  expect(declineOfIssue('CARD_EXPIRED')).toMatchObject({ reason: 'expired_card' });
  expect(declineOfIssue('MISSING_REQUIRED_PARAMETER')).toBeNull();
});
