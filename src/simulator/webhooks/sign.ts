/** Standard Webhooks, written anew for the simulator: with the platform's own code it would repeat its mistakes. */

import { createHmac } from 'node:crypto';
import type { Field } from '../input.ts';

const PREFIX = 'whsec_';
const MIN_KEY_BYTES = 16;
const MAX_KEY_BYTES = 64;

export const webhookSecret: Field<string> = {
  must: `${PREFIX} and the base64 of ${MIN_KEY_BYTES} to ${MAX_KEY_BYTES} bytes`,
  is: (value): value is string => typeof value === 'string' && isSecret(value),
};

/** The `webhook-signature` of one try. */
export function signatureOf(secret: string, id: string, timestampS: number, body: string): string {
  const mac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestampS}.${body}`);
  return `v1,${mac.digest('base64')}`;
}

function isSecret(value: string): boolean {
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(value) || value.length > 200) return false;
  const { length } = keyOf(value);
  return length >= MIN_KEY_BYTES && length <= MAX_KEY_BYTES;
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.slice(PREFIX.length), 'base64');
}
