import type Stripe from 'stripe';
import type { Outcome } from '../../core/outcome.ts';
import type { ProviderRequest, RefundRequest } from '../port.ts';
import { fromStripe } from './amounts.ts';
import type { Call } from './client.ts';
import { UNREADABLE } from './intents.ts';
import { idOf, objectOf, textOf, timeOf, toldIn } from './wire.ts';

/** Gives a part of what was captured back. `amount` is Stripe's. */
export function refundCall(request: RefundRequest, amount: number): Call {
  const { providerReference, reference, attempt, operation } = request;
  const params = {
    payment_intent: providerReference,
    amount,
    metadata: { reference, attempt, operation },
  } satisfies Stripe.RefundCreateParams;
  return { method: 'POST', path: '/v1/refunds', route: '/v1/refunds', params };
}

export function readRefund(request: ProviderRequest, json: unknown): Outcome {
  const refund = objectOf<Stripe.Refund>(json, 'refund');
  const movement = textOf(refund, 'id');
  const reference = idOf(refund?.payment_intent);
  const amount = fromStripe(refund?.amount, request.currency);
  if (refund === null || movement === null || reference === null || amount === null) return UNREADABLE;
  if (textOf(refund, 'currency') !== request.currency.toLowerCase()) return UNREADABLE;
  if (toldIn(refund.metadata, 'operation') !== request.operation) return UNREADABLE;
  switch (refund.status) {
    case 'succeeded': {
      const at = timeOf(refund.created);
      const told = { provider_reference: reference, movement, amount, amount_captured: 0, details: null };
      return { kind: 'approved', ...told, provider_at: at };
    }
    case 'pending':
    case 'requires_action':
      return { kind: 'pending', provider_reference: reference };
    case 'failed':
    case 'canceled': {
      const code = textOf(refund, 'failure_reason') ?? `refund_${refund.status}`;
      const message = `The refund ${movement} is ${refund.status}: ${code}.`;
      return { kind: 'rejected', raw_code: code, message, provider_reference: reference };
    }
    default:
      return UNREADABLE;
  }
}
