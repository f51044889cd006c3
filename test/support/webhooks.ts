/** Webhooks as the simulator sends them, made by hand: signed with its secret, with whatever is to be said. */

import { createHmac, randomBytes, randomUUID } from 'node:crypto';

export const SECRET = `whsec_${randomBytes(24).toString('base64')}`;

export type Webhook = { headers: Record<string, string>; body: string };

export type Said = { id?: string; type: string; data: Record<string, unknown>; at?: number };

export function webhook({ id = `whk_${randomUUID()}`, type, data, at = Date.now() }: Said): Webhook {
  return signed(id, JSON.stringify({ id, type, created_at: new Date(at).toISOString(), data }), at);
}

export function signed(id: string, body: string, at: number = Date.now(), secret: string = SECRET): Webhook {
  const seconds = Math.floor(at / 1000);
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return {
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': `v1,${signature}`,
    },
    body,
  };
}
