import { requireShape } from './secret-shape.ts';

/** The two keys of a Braintree secret, `<public key>|<private key>`; throws where it is none. */
export function readBraintreeSecret(secret: string): { publicKey: string; privateKey: string } {
  requireShape([secret], /^\w{1,255}\|\w{1,255}$/, 'the public key, a vertical bar and the private key');
  const [publicKey = '', privateKey = ''] = secret.split('|');
  return { publicKey, privateKey };
}
