/**
 * Our references at Checkout.com. A payment's own is the payment's id, an action's (capture, void, refund) the
 * operation's: so a webhook's reference tells which of the two it is about. The rest is in the metadata of both.
 */

import { isId } from '../../core/ids.ts';
import { groupOf, type Json, textOf } from '../json.ts';
import type { ProviderRequest } from '../port.ts';

export function actionBody({ reference, attempt, operation }: ProviderRequest): object {
  return { reference: operation, metadata: { payment: reference, attempt } };
}

export type Told = {
  payment: string | null;
  attempt: string | null;
  /** Of an action of ours; null for the payment itself, and for what others did. */
  operation: string | null;
  sale: boolean;
};

export function toldIn(json: Json): Told {
  const metadata = groupOf(json, 'metadata');
  const reference = textOf(json, 'reference');
  const named = (kind: 'payment' | 'attempt' | 'operation', id: string | null) =>
    id !== null && isId(kind, id) ? id : null;
  return {
    payment: named('payment', textOf(metadata, 'payment')) ?? named('payment', reference),
    attempt: named('attempt', textOf(metadata, 'attempt')),
    operation: named('operation', reference),
    sale: textOf(metadata, 'asked') === 'sale',
  };
}
