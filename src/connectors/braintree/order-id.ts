/**
 * The order id is the one text that Braintree keeps with a transaction and searches by: our payment, and after a dot
 * what the transaction is for. Up to 255 characters are allowed (error 91501 beyond); these are at most 61.
 */

import { isId } from '../../core/ids.ts';

/** Of a sale `detail` is the attempt; of a refund or a part of the settlement, the operation. */
export function orderId(reference: string, detail: string): string {
  return `${reference}.${detail}`;
}

export type Named = { reference: string | null; attempt: string | null; operation: string | null };

/** Null for what is not of our making: the merchant's other transactions. */
export function namedIn(text: string | null): Named {
  const [reference = '', detail = ''] = (text ?? '').split('.', 2);
  return {
    reference: isId('payment', reference) ? reference : null,
    attempt: isId('attempt', detail) ? detail : null,
    operation: isId('operation', detail) ? detail : null,
  };
}
