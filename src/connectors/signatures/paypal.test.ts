import { sign, X509Certificate } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type PayPalTrust, verifyPayPal } from './paypal.ts';
import { certificate, flips, rsaKeys, textFlips } from './test-kit.ts';

const NOW_MS = Date.parse('2026-11-22T12:00:00Z');
const DAY_MS = 24 * 3600_000;
const TIME = '2026-11-22T12:00:00Z';
const WEBHOOK = '4JH86294D6297924G';
const URL_LIVE = 'https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-5edc0ebc';
const BODY = Buffer.from('{"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED"}');
const SIGNER = 'messageverificationcerts.paypal.com';

const keys = { root: rsaKeys(), middle: rsaKeys(), leaf: rsaKeys(), forger: rsaKeys() };
const term = { fromMs: NOW_MS - DAY_MS, toMs: NOW_MS + DAY_MS };
const root = { name: 'Test Root', keys: keys.root };
const middle = { name: 'Test Intermediate', keys: keys.middle };
const forger = { name: 'Test Root', keys: keys.forger };

const ROOT = certificate({ ...root, issuer: root, ca: true, ...term });
const MIDDLE = certificate({ ...middle, issuer: root, ca: true, ...term });
const leafOf = (changes: object = {}) =>
  certificate({ name: SIGNER, keys: keys.leaf, issuer: middle, ...term, ...changes });
const LEAF = leafOf();

type Changes = {
  headers?: Record<string, string>;
  body?: Buffer;
  webhookIds?: string[];
  nowMs?: number;
  pem?: string | null;
  root?: string;
  environment?: PayPalTrust['environment'];
  signer?: typeof keys.leaf;
  time?: string;
};

function headersOf(signer = keys.leaf, time = TIME): Record<string, string> {
  const text = `dfb3be50-fd74|${time}|${WEBHOOK}|${crc32(BODY)}`;
  return {
    'paypal-transmission-id': 'dfb3be50-fd74',
    'paypal-transmission-time': time,
    'paypal-transmission-sig': sign('sha256', Buffer.from(text), signer.privateKey).toString('base64'),
    'paypal-cert-url': URL_LIVE,
    'paypal-auth-algo': 'SHA256withRSA',
  };
}

const asked = (pem: string | null, calls: string[] = []): PayPalTrust => ({
  environment: 'live',
  certificateAt: (url) => {
    calls.push(url);
    return url === URL_LIVE ? pem : null;
  },
  roots: [new X509Certificate(ROOT)],
});

function verdict(changes: Changes = {}) {
  const { body = BODY, webhookIds = [WEBHOOK], nowMs = NOW_MS, pem = LEAF + MIDDLE } = changes;
  const headers = { ...headersOf(changes.signer, changes.time), ...changes.headers };
  const roots = [new X509Certificate(changes.root ?? ROOT)];
  const trust = { ...asked(pem), roots, environment: changes.environment ?? 'live' };
  return verifyPayPal({ headers, body }, webhookIds, nowMs, trust);
}

const WRONG = { ok: false, reason: 'signature_wrong' };

test("a delivery signed with PayPal's certificate verifies", () => {
  expect(verdict()).toEqual({ ok: true, eventId: 'WH-1' });
  expect(verdict({ webhookIds: ['AAAA', WEBHOOK] }).ok).toBe(true);
});

test('each bit of the body counts', () => {
  for (const body of flips(BODY)) expect(verdict({ body }).ok).toBe(false);
});

test("no byte of the signer's certificate can be changed", () => {
  const pemOf = (der: Buffer) =>
    `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
  const { raw } = new X509Certificate(LEAF);
  for (const changed of flips(raw, 1)) expect(verdict({ pem: pemOf(changed) + MIDDLE }).ok).toBe(false);
  expect(verdict({ pem: pemOf(raw) + MIDDLE }).ok).toBe(true);
});

test.each(Object.keys(headersOf()))('each bit of %s counts', (name) => {
  const headers = headersOf();
  const calls: string[] = [];
  const trust = asked(LEAF + MIDDLE, calls);
  for (const changed of textFlips(headers[name] ?? '')) {
    const delivery = { headers: { ...headers, [name]: changed }, body: BODY };
    expect(verifyPayPal(delivery, [WEBHOOK], NOW_MS, trust).ok).toBe(false);
  }
  for (const url of calls) expect(url).toMatch(/^https:\/\/api\.paypal\.com\/v1\/notifications\/certs\//);
});

test('a webhook id that is not ours is refused, and so is a key that is not of the certificate', () => {
  expect(verdict({ webhookIds: ['4JH86294D6297924H'] })).toEqual(WRONG);
  expect(verdict({ webhookIds: [] })).toEqual(WRONG);
  expect(verdict({ signer: keys.forger })).toEqual(WRONG);
});

describe('the address of the certificate', () => {
  test.each([
    'http://api.paypal.com/v1/notifications/certs/CERT-1',
    'https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1',
    'https://evil.example/api.paypal.com/v1/notifications/certs/CERT-1',
    'https://evil.example/#https://api.paypal.com/v1/notifications/certs/CERT-1',
    'https://api.paypal.com@evil.example/v1/notifications/certs/CERT-1',
    'https://api.paypal.com:8443/v1/notifications/certs/CERT-1',
    'https://www.paypal.com/v1/notifications/certs/CERT-1',
    'https://api.paypal.com/v1/notifications/certs/../../oauth2/CERT-1',
    'https://api.paypal.com/v1/notifications/certs/CERT-1?x=1',
    'https://api.paypal.com/v1/notifications/certs/CERT-1\n',
    'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1',
    'file:///etc/passwd',
  ])('%j is never asked for', (url) => {
    const calls: string[] = [];
    const delivery = { headers: { ...headersOf(), 'paypal-cert-url': url }, body: BODY };
    expect(verifyPayPal(delivery, [WEBHOOK], NOW_MS, asked(LEAF + MIDDLE, calls))).toEqual(WRONG);
    expect(calls).toEqual([]);
  });
  test('the live one is not asked for in the sandbox', () => {
    expect(verdict({ environment: 'sandbox' })).toEqual(WRONG);
  });
  test('one whose certificate is not known yet proves nothing', () => {
    expect(verdict({ pem: null })).toEqual(WRONG);
  });
});

describe('a certificate is refused', () => {
  const forgedMiddle = certificate({ ...middle, issuer: forger, ca: true, ...term });
  const noAuthority = certificate({ ...middle, issuer: root, ...term });
  const lapsed = { fromMs: NOW_MS - 2 * DAY_MS, toMs: NOW_MS - 1_000 };
  const early = { fromMs: NOW_MS + 1_000, toMs: NOW_MS + DAY_MS };
  const selfSigned = leafOf({ issuer: { name: SIGNER, keys: keys.leaf }, ca: true });
  test.each([
    ['that is none', 'not a certificate'],
    ['that does not parse', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'],
    ['whose chain ends before a root', LEAF],
    ['that signed itself', selfSigned],
    ['whose root has the right name and another key', LEAF + forgedMiddle],
    ['whose issuer is no authority', LEAF + noAuthority],
    ['that has lapsed', leafOf(lapsed) + MIDDLE],
    ['that is not valid yet', leafOf(early) + MIDDLE],
    ['whose issuer has lapsed', LEAF + certificate({ ...middle, issuer: root, ca: true, ...lapsed })],
    ['that is not the first of its file', MIDDLE + LEAF],
    ['of somebody else', leafOf({ name: 'messageverificationcerts.paypal.com.evil.example' }) + MIDDLE],
    [
      'that names an issuer other than the one who signed',
      leafOf({ issuer: { ...middle, name: 'X' } }) + MIDDLE,
    ],
    ['of another host of PayPal', leafOf({ name: 'www.paypal.com' }) + MIDDLE],
    ['among more than six', LEAF + MIDDLE.repeat(6)],
    ['in a file of more than 64 KiB', LEAF + MIDDLE + ' '.repeat(64 * 1024)],
  ])('%s', (_, pem) => {
    expect(verdict({ pem })).toEqual(WRONG);
  });
  test('whose key has 1,024 bits', () => {
    const weak = rsaKeys(1024);
    expect(verdict({ signer: weak, pem: leafOf({ keys: weak }) + MIDDLE })).toEqual(WRONG);
  });
  test('once its root has lapsed, though it is valid itself', () => {
    const old = certificate({ ...root, issuer: root, ca: true, ...lapsed });
    expect(verdict({ root: old })).toEqual(WRONG);
  });
});

test('the name of the sandbox, and a root as direct issuer, are accepted', () => {
  const name = 'messageverificationcerts.sandbox.paypal.com';
  expect(verdict({ pem: leafOf({ name, issuer: root }) }).ok).toBe(true);
});

test.each([
  ['three days and five minutes ago: PayPal delivers again that long', '2026-11-19T11:55:00Z', true],
  ['a second longer ago', '2026-11-19T11:54:59Z', false],
  ['five minutes ahead of our clock', '2026-11-22T12:05:00Z', true],
  ['a second further ahead', '2026-11-22T12:05:01Z', false],
])('a delivery signed %s', (_, time, accepted) => {
  expect(verdict({ time })).toEqual(
    accepted ? { ok: true, eventId: 'WH-1' } : { ok: false, reason: 'too_old' },
  );
});

test.each([
  ['no signature', 'signature_missing', { 'paypal-transmission-sig': '' }],
  ['a signature that is not base64', 'malformed', { 'paypal-transmission-sig': '***' }],
  ['a signature of another length', 'signature_wrong', { 'paypal-transmission-sig': 'AAAA' }],
  [
    'a signature of more than 4,096 characters',
    'malformed',
    { 'paypal-transmission-sig': 'A'.repeat(4_100) },
  ],
  ['a weaker algorithm', 'malformed', { 'paypal-auth-algo': 'SHA1withRSA' }],
  ['an id with a vertical bar', 'malformed', { 'paypal-transmission-id': 'a|b' }],
  ['a time that is none', 'malformed', { 'paypal-transmission-time': '2026-13-45T99:99:99Z' }],
  ['no address of a certificate', 'malformed', { 'paypal-cert-url': '' }],
])('%s is refused as %s', (_, reason, headers) => {
  expect(verdict({ headers: headers as Record<string, string> })).toEqual({ ok: false, reason });
});

test('another body with the same CRC passes: this is why PayPal is asked before money depends on it', () => {
  const prefix = Buffer.from('{"id":"WH-2","event_type":"PAYMENT.CAPTURE.REFUNDED"}');
  const forged = Buffer.concat([prefix, suffixFor(crc32(BODY), prefix)]);
  expect(forged.equals(BODY)).toBe(false);
  expect(verdict({ body: forged }).ok).toBe(true);
});

/** Four bytes that give a text the CRC wanted: the CRC is linear, so 32 single bits span all of them. */
function suffixFor(wanted: number, prefix: Buffer): Buffer {
  const crcWith = (suffix: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(suffix >>> 0);
    return crc32(Buffer.concat([prefix, bytes]));
  };
  const zero = crcWith(0);
  let rows = Array.from({ length: 32 }, (_, bit) => ({
    crc: (crcWith(2 ** bit) ^ zero) >>> 0,
    suffix: 2 ** bit,
  }));
  let left = (wanted ^ zero) >>> 0;
  let suffix = 0;
  for (let bit = 31; bit >= 0; bit -= 1) {
    const pivot = rows.find(({ crc }) => crc >>> bit === 1);
    if (!pivot) throw new Error('CRC-32 is not singular');
    rows = rows.filter((row) => row !== pivot).map((row) => (row.crc >>> bit === 1 ? xor(row, pivot) : row));
    if (left >>> bit !== 1) continue;
    left = (left ^ pivot.crc) >>> 0;
    suffix = (suffix ^ pivot.suffix) >>> 0;
  }
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(suffix);
  return bytes;
}

function xor(a: { crc: number; suffix: number }, b: { crc: number; suffix: number }) {
  return { crc: (a.crc ^ b.crc) >>> 0, suffix: (a.suffix ^ b.suffix) >>> 0 };
}
