import { expect, test } from 'vitest';
import { verifyBraintree } from './braintree.ts';
import { answerBraintreeChallenge } from './braintree-challenge.ts';
import { braintreeDigest } from './braintree-digest.ts';
import { flips } from './test-kit.ts';

const SECRET = 'public_key|private_key';
const PAYLOAD = `${Buffer.from('<notification/>').toString('base64')}\n`;
const PAIR = `public_key|${braintreeDigest('private_key', PAYLOAD)}`;

function verdict(form: Record<string, string> | [string, string][], secrets = [SECRET]) {
  const body = Buffer.from(new URLSearchParams(form).toString());
  return verifyBraintree({ headers: {}, body }, secrets);
}

const right = { bt_signature: PAIR, bt_payload: PAYLOAD };

test('any bit of the form changed: what passes still says the same', () => {
  const body = Buffer.from(new URLSearchParams(right).toString());
  expect(verifyBraintree({ headers: {}, body }, [SECRET])).toEqual({ ok: true, eventId: null });
  for (const changed of flips(body)) {
    if (!verifyBraintree({ headers: {}, body: changed }, [SECRET]).ok) continue;
    // %0A and %0a are the same line's end.
    expect(new URLSearchParams(changed.toString()).get('bt_payload')).toBe(PAYLOAD);
  }
});

test('the pair of our key is found among those of other keys', () => {
  const others = 'other_key|0123&third_key|4567';
  expect(verdict({ ...right, bt_signature: `${others}&${PAIR}` }).ok).toBe(true);
  expect(verdict({ ...right, bt_signature: others })).toEqual({ ok: false, reason: 'signature_wrong' });
  expect(verdict(right, ['old|old', SECRET]).ok).toBe(true);
  expect(verdict(right, [])).toEqual({ ok: false, reason: 'signature_wrong' });
});

test("the line's end that some servers cut off may be missing", () => {
  expect(verdict({ ...right, bt_payload: PAYLOAD.trimEnd() }).ok).toBe(true);
});

test.each([
  ['an empty body', 'signature_missing', {}],
  ['no signature', 'signature_missing', { bt_payload: PAYLOAD }],
  ['no payload', 'malformed', { bt_signature: PAIR }],
  ['a payload that is not base64', 'malformed', { ...right, bt_payload: '<xml/>' }],
  ['17 pairs', 'malformed', { ...right, bt_signature: `${'a|b&'.repeat(16)}${PAIR}` }],
  [
    'a signature of more than 4,096 characters',
    'malformed',
    { ...right, bt_signature: PAIR + 'x'.repeat(4_096) },
  ],
])('%s is refused as %s', (_, reason, form) => {
  expect(verdict(form as Record<string, string>)).toEqual({ ok: false, reason });
});

test.each([
  ['bt_payload', 'AAAA'],
  ['bt_signature', 'other_key|0123'],
])('a form with two of %s is refused: which one would be read?', (name, value) => {
  const twice: [string, string][] = [...Object.entries(right), [name, value]];
  expect(verdict(twice)).toEqual({ ok: false, reason: 'malformed' });
});

test('only a challenge is answered: a payload of a stranger is never signed', () => {
  expect(answerBraintreeChallenge('0123456789abcdef0123', SECRET)).toMatch(/^public_key\|[0-9a-f]{40}$/);
  for (const text of ['', PAYLOAD, 'ABCDEF0123456789ABCD', 'a'.repeat(33), `${'a'.repeat(20)}\n`])
    expect(answerBraintreeChallenge(text, SECRET)).toBeNull();
});

test.each(['', 'private_key', '|private_key', 'public_key|', 'a|b|c'])('%j is no pair of keys', (secret) => {
  const wanted = 'must be the public key, a vertical bar and the private key';
  expect(() => verdict(right, [secret])).toThrow(wanted);
  expect(() => answerBraintreeChallenge('a'.repeat(20), secret)).toThrow(wanted);
});
