import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verifyAdyen } from './adyen.ts';

const KEY = 'ab'.repeat(32);
const ITEM = {
  pspReference: '7914073381342284',
  originalReference: '',
  merchantAccountCode: 'TestMerchant',
  merchantReference: 'pay_1',
  amount: { value: 4200, currency: 'EUR' } as { value: unknown; currency: unknown },
  eventCode: 'AUTHORISATION',
  success: 'true',
};

/** As Adyen's documentation says: the eight fields, joined by colons. */
function mac(item: typeof ITEM, key = KEY): string {
  const { pspReference, originalReference, merchantAccountCode, merchantReference, amount } = item;
  const { eventCode, success } = item;
  const before = [pspReference, originalReference, merchantAccountCode, merchantReference];
  const text = [...before, amount.value, amount.currency, eventCode, success].join(':');
  return createHmac('sha256', Buffer.from(key, 'hex')).update(text).digest('base64');
}

function signed(item: typeof ITEM, key = KEY) {
  return { NotificationRequestItem: { ...item, additionalData: { hmacSignature: mac(item, key) } } };
}

function verdict(notificationItems: unknown, secrets = [KEY]) {
  const body = Buffer.from(JSON.stringify({ live: 'false', notificationItems }));
  return verifyAdyen({ headers: {}, body }, secrets);
}

test('any item that was signed verifies; one with another reference under its signature does not', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), fc.string(), (reference, value, more) => {
      const item = { ...ITEM, merchantReference: reference, amount: { value, currency: 'EUR' } };
      expect(verdict([signed(item)])).toEqual({ ok: true, eventId: null });
      const { additionalData } = signed(item).NotificationRequestItem;
      const other = { ...item, merchantReference: `${reference}${more}x`, additionalData };
      expect(verdict([{ NotificationRequestItem: other }]).ok).toBe(false);
    }),
  );
});

describe('text that is moved from one field to the next gives the same string to sign', () => {
  const genuine = { ...ITEM, merchantReference: 'a:1:EUR:REFUND' };
  const { additionalData } = signed(genuine).NotificationRequestItem;
  test.each([
    [
      'into success',
      {
        merchantReference: 'a',
        amount: { value: 1, currency: 'EUR' },
        eventCode: 'REFUND',
        success: '4200:EUR:AUTHORISATION:true',
      },
    ],
    [
      'into the merchant account',
      { merchantAccountCode: 'TestMerchant:a:1', merchantReference: 'EUR:REFUND' },
    ],
    [
      'into the event code',
      {
        merchantReference: 'a',
        amount: { value: 1, currency: 'EUR' },
        eventCode: 'REFUND:4200:EUR:AUTHORISATION',
      },
    ],
  ])('and is refused: %s', (_, moved) => {
    const forged = { ...genuine, ...moved };
    expect(mac(forged)).toBe(additionalData.hmacSignature);
    expect(verdict([{ NotificationRequestItem: { ...forged, additionalData } }])).toEqual({
      ok: false,
      reason: 'malformed',
    });
  });
});

test('one item that is not rightly signed refuses the whole delivery', () => {
  expect(verdict([signed(ITEM), signed(ITEM)]).ok).toBe(true);
  expect(verdict([signed(ITEM), signed(ITEM, 'cd'.repeat(32))])).toEqual({
    ok: false,
    reason: 'signature_wrong',
  });
  expect(verdict([signed(ITEM), { NotificationRequestItem: ITEM }])).toEqual({
    ok: false,
    reason: 'signature_missing',
  });
});

test('an old key holds beside the new one', () => {
  expect(verdict([signed(ITEM)], ['cd'.repeat(32), KEY]).ok).toBe(true);
  expect(verdict([signed(ITEM)], [])).toEqual({ ok: false, reason: 'signature_wrong' });
});

test('100 items are read, 101 are not', () => {
  expect(verdict(Array(100).fill(signed(ITEM))).ok).toBe(true);
  expect(verdict(Array(101).fill(signed(ITEM)))).toEqual({ ok: false, reason: 'malformed' });
});

test.each([
  ['nothing', ''],
  ['no JSON', '<xml/>'],
  ['null', 'null'],
  ['a number', '7'],
  ['no items', '{}'],
  ['items that are no list', '{"notificationItems":{"length":1}}'],
  ['an empty list, which nobody signed', '{"notificationItems":[]}'],
  ['an item that is null', '{"notificationItems":[null]}'],
  ['an item of another kind', '{"notificationItems":[{"NotificationRequestItem":"x"}]}'],
  [
    'an amount within an amount',
    '{"notificationItems":[{"NotificationRequestItem":{"amount":{"value":{}}}}]}',
  ],
  [
    'a signature that is a list',
    '{"notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":[1]}}}]}',
  ],
  ['brackets without end', '['.repeat(100_000)],
])('a body with %s is refused and throws nothing', (_, body) => {
  expect(verifyAdyen({ headers: {}, body: Buffer.from(body) }, [KEY]).ok).toBe(false);
});

test('bytes that are not UTF-8 are refused, though reading them gives the text that was signed', () => {
  const item = signed({ ...ITEM, merchantReference: 'pay_\ufffd' });
  expect(verdict([item]).ok).toBe(true);
  const text = JSON.stringify({ notificationItems: [item] });
  const body = Buffer.from(text.replace('\ufffd', '\xff'), 'latin1');
  expect(verifyAdyen({ headers: {}, body }, [KEY])).toEqual({ ok: false, reason: 'malformed' });
});

test.each([
  ['empty', ''],
  ['no hexadecimal, which would be an empty key', 'xyz'],
  ['cut short', KEY.slice(2)],
])('a key that is %s is a mistake in the configuration', (_, key) => {
  expect(() => verdict([signed(ITEM)], [key])).toThrow(
    'must be the HMAC key of the webhook, 64 hexadecimal digits',
  );
});
