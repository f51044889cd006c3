import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signStandardWebhook, verifyStandardWebhook } from './standard-webhooks.ts';
import { flipped } from './test-kit.ts';

const NOW_MS = 1_790_000_000_000;
const SECRET = secretOf(1);
const MESSAGE = { id: 'whk_1', timestampSeconds: NOW_MS / 1000, body: Buffer.from('{"amount":4200}') };

function secretOf(seed: number, bytes = 32): string {
  return `whsec_${Buffer.alloc(bytes, seed).toString('base64')}`;
}

function delivery(headers: Record<string, string> = {}, secrets = [SECRET]) {
  return { headers: { ...signStandardWebhook(MESSAGE, secrets), ...headers }, body: MESSAGE.body };
}

test('what was signed verifies, and with any one bit changed it does not', () => {
  const id = fc.stringMatching(/^[!-\-/-~]{1,40}$/);
  const body = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  const key = fc.uint8Array({ minLength: 24, maxLength: 64 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(id, body, key, fc.nat(), (id, body, key, bit) => {
      const secret = (bytes: Buffer) => `whsec_${bytes.toString('base64')}`;
      const headers = signStandardWebhook({ ...MESSAGE, id, body }, [secret(key)]);
      expect(verifyStandardWebhook({ headers, body }, [secret(key)], NOW_MS)).toEqual({
        ok: true,
        eventId: id,
      });
      const otherBody = flipped(body, bit % (body.length * 8));
      expect(verifyStandardWebhook({ headers, body: otherBody }, [secret(key)], NOW_MS).ok).toBe(false);
      const otherKey = flipped(key, bit % (key.length * 8));
      expect(verifyStandardWebhook({ headers, body }, [secret(otherKey)], NOW_MS).ok).toBe(false);
      const otherId = flipped(Buffer.from(id), bit % (id.length * 8)).toString('latin1');
      const other = { ...headers, 'webhook-id': otherId };
      expect(verifyStandardWebhook({ headers: other, body }, [secret(key)], NOW_MS).ok).toBe(false);
    }),
  );
});

describe('while a secret is rotated', () => {
  test.each([
    ['the sender signs with both, the receiver knows the old one', [secretOf(1), secretOf(2)], [secretOf(1)]],
    ['the sender signs with both, the receiver knows the new one', [secretOf(1), secretOf(2)], [secretOf(2)]],
    ['the sender signs with one, the receiver knows both', [secretOf(2)], [secretOf(1), secretOf(2)]],
  ])('%s', (_, signing, known) => {
    expect(verifyStandardWebhook(delivery({}, signing), known, NOW_MS).ok).toBe(true);
  });
  test('a secret that neither of them is proves nothing', () => {
    const verdict = verifyStandardWebhook(delivery({}, [secretOf(1), secretOf(2)]), [secretOf(3)], NOW_MS);
    expect(verdict).toEqual({ ok: false, reason: 'signature_wrong' });
  });
});

test.each([
  ['five minutes ago', 300_000, true],
  ['a moment longer ago', 300_001, false],
  ['five minutes ahead of our clock', -300_000, true],
  ['a moment further ahead', -300_001, false],
])('a delivery signed %s', (_, agoMs, accepted) => {
  const verdict = verifyStandardWebhook(delivery(), [SECRET], NOW_MS + agoMs);
  expect(verdict).toEqual(accepted ? { ok: true, eventId: 'whk_1' } : { ok: false, reason: 'too_old' });
});

test.each([
  ['no signature', 'signature_missing', { 'webhook-signature': '' }],
  ['a signature of nobody', 'signature_wrong', { 'webhook-signature': `v1,${'A'.repeat(43)}=` }],
  ['an asymmetric signature only', 'signature_wrong', { 'webhook-signature': 'v1a,AAAA' }],
  ['no id', 'malformed', { 'webhook-id': '' }],
  ['an id with a full stop', 'malformed', { 'webhook-id': 'whk.1' }],
  ['an id with a line break', 'malformed', { 'webhook-id': 'whk\n1' }],
  ['an id of 256 characters', 'malformed', { 'webhook-id': 'w'.repeat(256) }],
  ['no time', 'malformed', { 'webhook-timestamp': '' }],
  ['a time that is none', 'malformed', { 'webhook-timestamp': 'yesterday' }],
  ['a time with a fraction', 'malformed', { 'webhook-timestamp': '1790000000.5' }],
])('%s is refused as %s', (_, reason, headers) => {
  expect(verifyStandardWebhook(delivery(headers), [SECRET], NOW_MS)).toEqual({ ok: false, reason });
});

test('a header is read up to 16 signatures and 4,096 characters', () => {
  const right = signStandardWebhook(MESSAGE, [SECRET])['webhook-signature'];
  const among = (count: number, junk: string) => [...Array<string>(count).fill(junk), right].join(' ');
  const verdict = (text: string) =>
    verifyStandardWebhook(delivery({ 'webhook-signature': text }), [SECRET], NOW_MS);
  expect(verdict(among(15, 'v1,x'))).toEqual({ ok: true, eventId: 'whk_1' });
  expect(verdict(among(16, 'v1,x'))).toEqual({ ok: false, reason: 'malformed' });
  expect(verdict(among(1, 'x'.repeat(4_096)))).toEqual({ ok: false, reason: 'malformed' });
});

test('without a secret nothing verifies', () => {
  expect(verifyStandardWebhook(delivery(), [], NOW_MS)).toEqual({ ok: false, reason: 'signature_wrong' });
});

test.each([
  ['empty', ''],
  ['only a prefix, which would be an empty key', 'whsec_'],
  ['without its prefix', Buffer.alloc(32, 1).toString('base64')],
  ['not base64', 'whsec_!!!!'],
  ['shorter than 24 bytes', secretOf(1, 23)],
  ['longer than 64 bytes', secretOf(1, 65)],
])('a secret that is %s is a mistake in the configuration, told without the secret', (_, secret) => {
  const attempt = () => verifyStandardWebhook(delivery(), [SECRET, secret], NOW_MS);
  expect(attempt).toThrow('must be whsec_ and the base64 of 24 to 64 bytes');
  if (secret.length > 6) expect(attempt).not.toThrow(secret.slice(6));
});

test('what could not be verified is not signed', () => {
  expect(() => signStandardWebhook({ ...MESSAGE, id: 'a.b' }, [SECRET])).toThrow('full stop');
  expect(() => signStandardWebhook({ ...MESSAGE, timestampSeconds: 1.5 }, [SECRET])).toThrow('whole seconds');
  expect(() => signStandardWebhook(MESSAGE, [])).toThrow('1 to 16 secrets');
});
