/** Stripe's webhooks: an event with the whole object as it stood, signed in `Stripe-Signature`. */

import { createHmac } from 'node:crypto';
import type { Letter, Letters, Sealed } from '../../webhooks/letters.ts';
import { eventsOf } from './events.ts';

const SECRET = /^whsec_[\x21-\x7e]{16,200}$/;

export const stripeLetters: Letters = {
  secret: {
    must: 'whsec_ and 16 to 200 printable characters',
    is: (value): value is string => typeof value === 'string' && SECRET.test(value),
  },
  of: (told, scene) => eventsOf(told, scene).map((event) => ({ id: event.id, body: JSON.stringify(event) })),
  seal,
};

/** The secret as it stands is the key, `whsec_` included. */
function seal(secret: string, { body }: Letter, at: number, corrupted: boolean): Sealed {
  const timestampS = Math.floor(at / 1000);
  const signed = `${timestampS}.${corrupted ? `${body} ` : body}`;
  const mac = createHmac('sha256', secret).update(signed).digest('hex');
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'stripe-signature': `t=${timestampS},v1=${mac}`,
  };
  return { headers, body };
}
