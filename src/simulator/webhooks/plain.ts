/** The plain dialect's webhooks: one letter a move, sealed as Standard Webhooks. */

import { moveView } from '../view.ts';
import type { Letter, Letters, Sealed } from './letters.ts';
import { signatureOf, webhookSecret } from './sign.ts';

export const plainLetters: Letters = {
  secret: webhookSecret,
  of({ move, charge, number }) {
    const view = moveView(move, charge, number);
    return [{ id: view.id, body: JSON.stringify(view) }];
  },
  seal,
};

function seal(secret: string, { id, body }: Letter, at: number, corrupted: boolean): Sealed {
  const timestampS = Math.floor(at / 1000);
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': signatureOf(secret, id, timestampS, corrupted ? `${body} ` : body),
  };
  return { headers, body };
}
