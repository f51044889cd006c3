import { describe, expect, test } from 'vitest';
import { verifyBraintree } from './braintree.ts';
import { fixture, flips, secretFlips, textFlips } from './test-kit.ts';

type Samples = {
  publicKey: string;
  privateKey: string;
  samples: { kind: string; bt_signature: string; bt_payload: string }[];
};

const { publicKey, privateKey, samples } = fixture<Samples>('braintree-samples.json');

test('there is a sample of each of the 41 kinds', () => {
  expect(new Set(samples.map(({ kind }) => kind)).size).toBe(41);
});

describe.each(samples.map((sample) => [sample.kind, sample] as const))('%s', (_, sample) => {
  const verdict = (payload: string, signature = sample.bt_signature, key = privateKey) => {
    const form = new URLSearchParams({ bt_signature: signature, bt_payload: payload });
    return verifyBraintree({ headers: {}, body: Buffer.from(form.toString()) }, [`${publicKey}|${key}`]);
  };

  test('verifies', () => {
    expect(verdict(sample.bt_payload)).toEqual({ ok: true, eventId: null });
  });
  // One bit of each byte: all bits of all samples would take as long as the rest of the tests here.
  test('is refused with one bit of the payload changed', () => {
    for (const changed of flips(Buffer.from(sample.bt_payload), 1))
      expect(verdict(changed.toString('latin1')).ok).toBe(false);
  });
  test('is refused with one bit of the signature, its public key included, changed', () => {
    for (const changed of textFlips(sample.bt_signature))
      expect(verdict(sample.bt_payload, changed).ok).toBe(false);
  });
  test('is refused with one bit of the private key changed', () => {
    for (const changed of secretFlips(privateKey).filter((key) => /^\w+$/.test(key)))
      expect(verdict(sample.bt_payload, undefined, changed).ok).toBe(false);
  });
});
