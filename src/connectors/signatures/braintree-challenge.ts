import { braintreeDigest } from './braintree-digest.ts';
import { readBraintreeSecret } from './braintree-secret.ts';

/**
 * The answer to `GET ?bt_challenge=…`, by which Braintree tests a new endpoint; null for what is no challenge:
 * the shape keeps strangers from having a payload of their own signed.
 *
 * @param secret `<public key>|<private key>`; throws only where it cannot be one.
 */
export function answerBraintreeChallenge(challenge: string, secret: string): string | null {
  const { publicKey, privateKey } = readBraintreeSecret(secret);
  if (!/^[a-f0-9]{20,32}$/.test(challenge)) return null;
  return `${publicKey}|${braintreeDigest(privateKey, challenge)}`;
}
