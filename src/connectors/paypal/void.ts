import type { Outcome } from '../../core/outcome.ts';
import type { VoidRequest } from '../port.ts';
import { fromPayPal } from './amounts.ts';
import { rejected, UNREADABLE } from './answer.ts';
import type { Call } from './client.ts';
import { at, textAt, timeAt } from './json.ts';
import { authorizationIn, capturesIn } from './order.ts';

/** PayPal takes no request id with it: it is sent once, and then only asked about. */
export function voidCall(authorization: string): Call {
  return {
    method: 'POST',
    path: `/v2/payments/authorizations/${encodeURIComponent(authorization)}/void`,
    route: '/v2/payments/authorizations/{id}/void',
    keyed: false,
  };
}

/** The authorization, from the answer to the void or from a look at it. */
export function readVoid(request: VoidRequest, json: unknown): Outcome {
  const id = textAt(json, 'id');
  const amount = fromPayPal(at(json, 'amount'), request.currency);
  if (id === null || amount === null || textAt(json, 'status') !== 'VOIDED') return UNREADABLE;
  return released(id, amount, timeAt(json, 'update_time'));
}

/**
 * An order without an authorization takes nothing unless we complete it, so there is nothing to release. Null where
 * there is an authorization to void.
 */
export function readUnauthorized(request: VoidRequest, order: unknown): Outcome | null {
  if (authorizationIn(order) !== undefined) return null;
  if (capturesIn(order).length > 0)
    return rejected('PREVIOUSLY_CAPTURED', 'The order was a sale, and is captured: refund it.');
  return textAt(order, 'id') === null ? UNREADABLE : released(request.providerReference ?? '', 0, null);
}

/** What nobody at PayPal has named cannot be cancelled there; an approval that comes later is voided then. */
export const NO_CANCEL_BY_REFERENCE: Outcome = rejected(
  'NO_CANCEL_BY_REFERENCE',
  'PayPal has not named the authorization yet, and cancels by its own id only.',
);

function released(provider_reference: string, amount: number, provider_at: string | null): Outcome {
  return {
    kind: 'approved',
    provider_reference,
    movement: null,
    amount,
    amount_captured: 0,
    details: null,
    provider_at,
  };
}
