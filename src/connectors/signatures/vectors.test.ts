import { describe, expect, test } from 'vitest';
import { verifyAdyen } from './adyen.ts';
import { verifyAdyenPlatform } from './adyen-platform.ts';
import { answerBraintreeChallenge } from './braintree-challenge.ts';
import { braintreeDigest } from './braintree-digest.ts';
import { verifyGoCardless } from './gocardless.ts';
import { verifyRazorpay } from './razorpay.ts';
import { verifyStandardWebhook } from './standard-webhooks.ts';
import { verifyStripe } from './stripe.ts';
import { fixture, flips, secretFlips, textFlips, type Verify } from './test-kit.ts';

type Item = { readonly [name: string]: unknown; readonly amount: Readonly<Record<string, unknown>> };
type Vector = {
  psp: string;
  scheme: string;
  name: string;
  licence: string;
  source: string;
  key_hex?: string;
  secret?: string;
  raw_body?: string;
  data?: string;
  data_to_sign?: string;
  notificationRequestItem?: Item;
  expected_signature_base64?: string;
  expected_signature_hex?: string;
  expected_signature?: string;
  msg_id?: string;
  timestamp?: number;
  header?: string;
  publicKey?: string;
  privateKey?: string;
  challenge?: string;
  expected?: string;
};
const { vectors } = fixture<{ vectors: Vector[] }>('vectors.json');
const ANY_TIME = 0;

/** Which group below proves a vector: one that belongs to none would go unproved. */
function groupOf(vector: Vector): 'body' | 'item' | 'digest' | 'challenge' | 'stripe' {
  if (vector.notificationRequestItem) return 'item';
  if (vector.challenge) return 'challenge';
  if (vector.psp === 'stripe') return 'stripe';
  return vector.psp === 'braintree' ? 'digest' : 'body';
}

const named = (group: ReturnType<typeof groupOf>) =>
  vectors
    .filter((vector) => groupOf(vector) === group)
    .map((vector) => [`${vector.psp}: ${vector.name}`, vector] as const);

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the fixture lacks a field that this vector needs');
  return value;
}

test('every vector belongs to a group below, and is free to be kept here', () => {
  expect(vectors).toHaveLength(17);
  for (const { licence, source } of vectors) {
    expect(licence).toMatch(/MIT|Apache-2\.0/);
    expect(source).not.toBe('');
  }
  const groups = ['body', 'item', 'digest', 'challenge', 'stripe'] as const;
  expect(groups.map((group) => named(group).length)).toEqual([7, 6, 2, 1, 1]);
});

type Signed = {
  verify: Verify;
  header: string;
  headers: Record<string, string>;
  secret: string;
  nowMs: number;
  otherSecrets: () => Iterable<string>;
};

function signed(vector: Vector): Signed {
  const hexKey = () => {
    const secret = given(vector.key_hex);
    return { secret, nowMs: ANY_TIME, otherSecrets: () => hexFlips(secret) };
  };
  const textKey = () => {
    const secret = given(vector.secret);
    return { secret, nowMs: ANY_TIME, otherSecrets: () => secretFlips(secret) };
  };
  const one = (header: string, value: string | undefined) => ({
    header,
    headers: { [header]: given(value) },
  });
  switch (vector.psp) {
    case 'adyen':
      return {
        verify: verifyAdyenPlatform,
        ...one('hmacsignature', vector.expected_signature_base64),
        ...hexKey(),
      };
    case 'gocardless':
      return {
        verify: verifyGoCardless,
        ...one('webhook-signature', vector.expected_signature_hex),
        ...textKey(),
      };
    case 'razorpay':
      return {
        verify: verifyRazorpay,
        ...one('x-razorpay-signature', vector.expected_signature_hex),
        ...textKey(),
      };
    case 'standard-webhooks': {
      const secret = given(vector.secret);
      const headers = {
        'webhook-id': given(vector.msg_id),
        'webhook-timestamp': String(vector.timestamp),
        'webhook-signature': given(vector.expected_signature),
      };
      const nowMs = given(vector.timestamp) * 1000;
      const otherSecrets = () => base64Flips(secret.slice('whsec_'.length), 'whsec_');
      return {
        verify: verifyStandardWebhook,
        header: 'webhook-signature',
        headers,
        secret,
        nowMs,
        otherSecrets,
      };
    }
    default:
      throw new Error(`no verifier for ${vector.psp}`);
  }
}

function* hexFlips(hex: string): Generator<string> {
  for (const key of flips(Buffer.from(hex, 'hex'))) yield key.toString('hex');
}

function* base64Flips(base64: string, before: string): Generator<string> {
  for (const key of flips(Buffer.from(base64, 'base64'))) yield before + key.toString('base64');
}

describe.each(named('body'))('%s', (_, vector) => {
  const { verify, headers, secret, nowMs, otherSecrets } = signed(vector);
  const body = Buffer.from(vector.raw_body ?? given(vector.data_to_sign));

  test('verifies', () => {
    expect(verify({ headers, body }, [secret], nowMs)).toMatchObject({ ok: true });
  });
  test('verifies with an old secret and a new one', () => {
    const [other = ''] = otherSecrets();
    expect(verify({ headers, body }, [other, secret], nowMs)).toMatchObject({ ok: true });
    expect(verify({ headers, body }, [secret, other], nowMs)).toMatchObject({ ok: true });
  });
  test('is refused with any bit of the body changed', () => {
    for (const changed of flips(body))
      expect(verify({ headers, body: changed }, [secret], nowMs)).toMatchObject({ ok: false });
  });
  test.each(Object.keys(headers))('is refused with any bit of %s changed', (name) => {
    for (const changed of textFlips(given(headers[name])))
      expect(verify({ headers: { ...headers, [name]: changed }, body }, [secret], nowMs)).toMatchObject({
        ok: false,
      });
  });
  test('is refused with any bit of the key changed', () => {
    for (const changed of otherSecrets())
      expect(verify({ headers, body }, [changed], nowMs)).toEqual({ ok: false, reason: 'signature_wrong' });
  });
});

/** As Adyen's documentation names them, in this order. */
const SIGNED_FIELDS = [
  'pspReference',
  'originalReference',
  'merchantAccountCode',
  'merchantReference',
  'amount.value',
  'amount.currency',
  'eventCode',
  'success',
];

function fieldOf(item: Item, path: string): unknown {
  return path.startsWith('amount.') ? item.amount?.[path.slice(7)] : item[path];
}

function withField(item: Item, path: string, value: string): Item {
  if (!path.startsWith('amount.')) return { ...item, [path]: value };
  return { ...item, amount: { ...item.amount, [path.slice(7)]: value } };
}

describe.each(named('item'))('%s', (_, vector) => {
  const item = given(vector.notificationRequestItem);
  const signature = given(vector.expected_signature_base64);
  const key = given(vector.key_hex);
  const bodyOf = (changed: Item, hmacSignature = signature) =>
    Buffer.from(
      JSON.stringify({
        live: 'false',
        notificationItems: [{ NotificationRequestItem: { ...changed, additionalData: { hmacSignature } } }],
      }),
    );
  const verdict = (body: Buffer, secret = key) => verifyAdyen({ headers: {}, body }, [secret]);

  test('verifies', () => {
    expect(verdict(bodyOf(item))).toEqual({ ok: true, eventId: null });
  });
  test.each(SIGNED_FIELDS)(
    'is refused with any bit of %s changed, or with a value where none was',
    (path) => {
      const text = String(fieldOf(item, path) ?? '');
      const changes = text === '' ? ['x', '0'] : [...textFlips(text), ''];
      for (const changed of changes)
        expect(verdict(bodyOf(withField(item, path, changed)))).toMatchObject({ ok: false });
    },
  );
  test('is refused with any bit of the signature changed', () => {
    for (const changed of textFlips(signature))
      expect(verdict(bodyOf(item, changed))).toMatchObject({ ok: false });
  });
  test('is refused with any bit of the key changed', () => {
    for (const changed of hexFlips(key))
      expect(verdict(bodyOf(item), changed)).toEqual({ ok: false, reason: 'signature_wrong' });
  });
  test('any bit of the body changed: what passes still says the same in all eight fields', () => {
    let passed = 0;
    for (const changed of flips(bodyOf(item))) {
      if (!verdict(changed).ok) continue;
      passed += 1;
      const { notificationItems } = JSON.parse(changed.toString('utf8'));
      const told = SIGNED_FIELDS.map(
        (path) => fieldOf(notificationItems[0].NotificationRequestItem, path) ?? '',
      );
      expect(told.join(':')).toBe(vector.data_to_sign);
    }
    // `live` at least is not signed: were nothing to pass, this test would prove nothing.
    expect(passed).toBeGreaterThan(0);
  });
});

describe.each(named('digest'))('%s', (_, vector) => {
  const key = Buffer.from(given(vector.key_hex), 'hex');
  const text = given(vector.data);
  test('gives the digest', () => {
    expect(braintreeDigest(key.toString('latin1'), text)).toBe(vector.expected_signature_hex);
  });
  test('gives another for any bit of the key or the text changed', () => {
    for (const changed of flips(key))
      expect(braintreeDigest(changed.toString('latin1'), text)).not.toBe(vector.expected_signature_hex);
    for (const changed of textFlips(text))
      expect(braintreeDigest(key.toString('latin1'), changed)).not.toBe(vector.expected_signature_hex);
  });
});

describe.each(named('challenge'))('%s', (_, vector) => {
  const challenge = given(vector.challenge);
  const answer = (text: string, privateKey = given(vector.privateKey)) =>
    answerBraintreeChallenge(text, `${vector.publicKey}|${privateKey}`);

  test('is answered', () => {
    expect(answer(challenge)).toBe(vector.expected);
  });
  test('has another answer, or none, for any bit of challenge or key changed', () => {
    for (const changed of textFlips(challenge)) expect(answer(changed)).not.toBe(vector.expected);
    for (const changed of secretFlips(given(vector.privateKey)).filter((key) => /^\w+$/.test(key)))
      expect(answer(challenge, changed)).not.toBe(vector.expected);
  });
});

describe.each(named('stripe'))('%s, whose body and secret are not published', (_, vector) => {
  const header = given(vector.header);
  const verdict = (text: string) =>
    verifyStripe({ headers: { 'stripe-signature': text }, body: Buffer.from('{}') }, ['whsec_any'], ANY_TIME);

  test('is read as one signature of the scheme that counts', () => {
    expect(verdict(header)).toEqual({ ok: false, reason: 'signature_wrong' });
    expect(verdict(header.replace('v1=', 'v2='))).toEqual({ ok: false, reason: 'signature_missing' });
    expect(verdict(header.replace('t=', 'x='))).toEqual({ ok: false, reason: 'malformed' });
  });
});
