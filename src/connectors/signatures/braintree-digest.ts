import { createHash, createHmac } from 'node:crypto';

/** Braintree's signature of a text, hexadecimal: HMAC-SHA1, keyed by the SHA-1 of the private key. */
export function braintreeDigest(privateKey: string, text: string): string {
  const key = createHash('sha1').update(privateKey, 'latin1').digest();
  return createHmac('sha1', key).update(text, 'utf8').digest('hex');
}
