import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verifyStripe } from './stripe.ts';
import { flipped, flips, secretFlips, textFlips } from './test-kit.ts';

const NOW_MS = 1_790_000_000_000;
const TIME = String(NOW_MS / 1000);
const SECRET = 'whsec_a_secret_of_these_tests_alone';
const BODY = Buffer.from('{"id":"evt_1","type":"charge.captured"}');

/** As Stripe's documentation says: the key is the secret as it stands, over time, full stop, body. */
function mac(secret: string, time: string, body: Buffer): string {
  return createHmac('sha256', secret)
    .update(Buffer.concat([Buffer.from(`${time}.`), body]))
    .digest('hex');
}

type Given = { body?: Buffer; secrets?: string[]; nowMs?: number };

function verdict(header: string, { body = BODY, secrets = [SECRET], nowMs = NOW_MS }: Given = {}) {
  return verifyStripe({ headers: { 'stripe-signature': header }, body }, secrets, nowMs);
}

const RIGHT = `t=${TIME},v1=${mac(SECRET, TIME, BODY)}`;

test('any body that was signed verifies, and with any one bit changed it does not', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(bytes, fc.nat(), (body, bit) => {
      const header = `t=${TIME},v1=${mac(SECRET, TIME, body)}`;
      expect(verdict(header, { body }).ok).toBe(true);
      expect(verdict(header, { body: flipped(body, bit % (body.length * 8)) }).ok).toBe(false);
    }),
  );
});

test('each bit of body, header and secret counts', () => {
  expect(verdict(RIGHT)).toEqual({ ok: true, eventId: 'evt_1' });
  for (const body of flips(BODY)) expect(verdict(RIGHT, { body }).ok).toBe(false);
  for (const header of textFlips(RIGHT)) expect(verdict(header).ok).toBe(false);
  for (const secret of secretFlips(SECRET)) expect(verdict(RIGHT, { secrets: [secret] }).ok).toBe(false);
});

test('one right signature among several is enough, whichever secret it is of', () => {
  const old = mac('whsec_old', TIME, BODY);
  const wrong = mac('whsec_other', TIME, BODY);
  expect(verdict(`t=${TIME},v1=${wrong},v1=${old}`, { secrets: [SECRET, 'whsec_old'] }).ok).toBe(true);
  expect(verdict(`t=${TIME},v1=${wrong},v1=${old}`).ok).toBe(false);
  expect(verdict(`v0=${wrong},${RIGHT}`).ok).toBe(true);
});

test('a signature under another scheme counts for nothing', () => {
  const verdictOf = verdict(`t=${TIME},v0=${mac(SECRET, TIME, BODY)}`);
  expect(verdictOf).toEqual({ ok: false, reason: 'signature_missing' });
});

test.each([
  ['five minutes ago', 300_000, true],
  ['a moment longer ago', 300_001, false],
  ['five minutes ahead of our clock', -300_000, true],
  ['a moment further ahead', -300_001, false],
])('a delivery signed %s', (_, agoMs, accepted) => {
  const told = verdict(RIGHT, { nowMs: NOW_MS + agoMs });
  expect(told).toEqual(accepted ? { ok: true, eventId: 'evt_1' } : { ok: false, reason: 'too_old' });
});

test('a delivery that is old and wrong is called wrong: only what Stripe signed is too old', () => {
  const told = verdict(RIGHT, { nowMs: NOW_MS + 600_000, secrets: ['whsec_other'] });
  expect(told).toEqual({ ok: false, reason: 'signature_wrong' });
});

test.each([
  ['no header', 'signature_missing', ''],
  ['a header of something else', 'malformed', 'Bearer xyz'],
  ['no time', 'malformed', RIGHT.replace(/^t=\d+,/, '')],
  ['two times', 'malformed', `t=1,${RIGHT}`],
  ['a time that is none', 'malformed', RIGHT.replace(TIME, 'NaN')],
  ['a time below zero', 'malformed', RIGHT.replace('t=', 't=-')],
  ['blanks between', 'signature_missing', RIGHT.replace(',', ', ')],
  ['a signature that is cut short', 'signature_wrong', RIGHT.slice(0, -1)],
  ['capital letters', 'signature_wrong', `t=${TIME},v1=${mac(SECRET, TIME, BODY).toUpperCase()}`],
  ['17 values', 'malformed', RIGHT + ',v1=x'.repeat(15)],
  ['more than 4,096 characters', 'malformed', `${RIGHT},v1=${'x'.repeat(4_096)}`],
])('%s: %s', (_, reason, header) => {
  expect(verdict(header)).toEqual({ ok: false, reason });
});

test.each([
  ['no JSON', 'amount=1'],
  ['JSON without an object', 'null'],
  ['no id', '{}'],
  ['an id that is no text', '{"id":7}'],
  ['an id that the database could not store', '{"id":"evt_\\u0000"}'],
])('a body that is rightly signed but has %s has no event id', (_, text) => {
  const body = Buffer.from(text);
  expect(verdict(`t=${TIME},v1=${mac(SECRET, TIME, body)}`, { body })).toEqual({ ok: true, eventId: null });
});

test('an empty secret is a mistake in the configuration: anybody could sign with it', () => {
  expect(() => verdict(RIGHT, { secrets: [SECRET, ''] })).toThrow('webhook secret 2 of 2 is not usable');
  expect(() => verdict(RIGHT, { secrets: ['whsec_x\n'] })).toThrow('webhook secret 1 of 1 is not usable');
  expect(verdict(RIGHT, { secrets: [] })).toEqual({ ok: false, reason: 'signature_wrong' });
});
