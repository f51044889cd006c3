import type Stripe from 'stripe';
import type { Outcome } from '../../core/outcome.ts';
import type { CaptureRequest, ProviderRequest } from '../port.ts';
import { fromStripe } from './amounts.ts';
import type { Call } from './client.ts';
import { EXPAND, intentOf, intentPath, UNREADABLE } from './intents.ts';
import { isObject, toldIn, type WireIntent } from './wire.ts';

/**
 * Takes a part of what is authorised; the rest is released unless another capture is to follow. Stripe keeps no
 * object for a capture: each leaves its operation's id and amount in the payment's metadata, by the same call.
 */
export function captureCall(request: CaptureRequest, amount: number): Call {
  const { providerReference, operation, final } = request;
  const params = {
    amount_to_capture: amount,
    // Only payments that may be captured several times take it.
    ...(!final && { final_capture: false }),
    metadata: { [operation]: String(request.amount) },
    expand: EXPAND,
  } satisfies Stripe.PaymentIntentCaptureParams;
  const path = intentPath(providerReference, '/capture');
  return { method: 'POST', path, route: '/v1/payment_intents/{id}/capture', params };
}

/** What this capture took: all that was received, without what other captures of ours say that they took. */
export function readCapture(request: ProviderRequest, json: unknown): Outcome {
  const found = intentOf(request, json);
  if (found === null) return UNREADABLE;
  const received = fromStripe(found.intent.amount_received, request.currency);
  const amount = received === null ? 0 : received - takenByOthers(request, found.intent);
  if (amount <= 0) return UNREADABLE;
  return {
    kind: 'approved',
    provider_reference: found.id,
    movement: null,
    amount,
    amount_captured: 0,
    details: null,
    provider_at: null,
  };
}

export function isCaptured({ operation }: ProviderRequest, { metadata }: WireIntent): boolean {
  return toldIn(metadata, operation) !== null;
}

function takenByOthers({ operation }: ProviderRequest, { metadata }: WireIntent): number {
  const others = Object.keys(isObject(metadata) ? metadata : {}).filter(
    (name) => name.startsWith('op_') && name !== operation,
  );
  return others.reduce((sum, name) => sum + (Number(toldIn(metadata, name)) || 0), 0);
}
