/**
 * Secrets of endpoints, and what is signed with them: Standard Webhooks 1.0, symmetric.
 * In the database they are encrypted (AES-256-GCM), bound to their endpoint, with a key that is kept outside.
 */

import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import type { World } from '../../ops/world.ts';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

export function mintSecret(world: World): string {
  return `${PREFIX}${Buffer.from(world.randomBytes(SECRET_BYTES)).toString('base64')}`;
}

/** `endpoint` is its id: the ciphertext of one endpoint is of no use in the row of another. */
export function seal(chainKey: Buffer, world: World, endpoint: string, secret: string): Buffer {
  const iv = world.randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', sealingKey(chainKey), iv);
  cipher.setAAD(Buffer.from(endpoint));
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, text, cipher.getAuthTag()]);
}

/** Throws for what was sealed with another key, for another endpoint, or changed. */
export function unseal(chainKey: Buffer, endpoint: string, sealed: Buffer): string {
  const tagAt = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(chainKey), sealed.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(endpoint));
  decipher.setAuthTag(sealed.subarray(tagAt));
  return decipher.update(sealed.subarray(IV_BYTES, tagAt), undefined, 'utf8') + decipher.final('utf8');
}

export type SignedHeaders = Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>;

/** One signature for each secret: while one is rotated, receivers find theirs among them. */
export function sign(id: string, atMs: number, body: string, secrets: readonly string[]): SignedHeaders {
  const timestamp = String(Math.floor(atMs / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

function sealingKey(chainKey: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', chainKey, '', 'truepenny webhook secrets', 32));
}
