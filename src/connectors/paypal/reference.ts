/**
 * What we know PayPal's side of a payment by. Money is captured and released by the authorization's id; before
 * there is one, and for a sale, all that is there is the order. PayPal's ids do not tell which they are: ours do.
 */

import { isId } from '../../core/ids.ts';

const ORDER = 'order/';

export type Reference = { kind: 'order' | 'authorization'; id: string };

export function orderReference(id: string): string {
  return ORDER + id;
}

export function readReference(text: string): Reference {
  return text.startsWith(ORDER)
    ? { kind: 'order', id: text.slice(ORDER.length) }
    : { kind: 'authorization', id: text };
}

/** Payment and attempt in the one field of ours that every resource and every report shows. */
export function customId({ reference, attempt }: { reference: string; attempt: string }): string {
  return `${reference}.${attempt}`;
}

export function readCustomId(text: string | null): { reference: string | null; attempt: string | null } {
  const [payment = '', attempt = ''] = text?.split('.') ?? [];
  const ours = isId('payment', payment) && isId('attempt', attempt);
  return ours ? { reference: payment, attempt } : { reference: null, attempt: null };
}

/** Of what we asked for, the invoice is the operation. */
export function operationOf(invoiceId: string | null): string | null {
  return invoiceId !== null && isId('operation', invoiceId) ? invoiceId : null;
}
