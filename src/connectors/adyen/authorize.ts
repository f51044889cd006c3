import type { AuthorizeRequest } from '../port.ts';
import type { Call } from './client.ts';
import { charged } from './methods.ts';
import { isDebit, paymentReference } from './reference.ts';

/** A payment; with `capture` Adyen captures it at once, whatever the merchant account's own setting is. */
export function authorizeCall(request: AuthorizeRequest, value: number): Call {
  const { operation, attempt, currency, capture, paymentMethod, returnUrl } = request;
  const { additionalData = {}, ...method } = charged(paymentMethod);
  const manual: Record<string, string> = capture ? {} : { manualCapture: 'true' };
  const more = { ...additionalData, ...manual };
  const body = {
    reference: paymentReference(request, { capture, method: paymentMethod.type }),
    amount: { currency, value },
    ...method,
    ...shopperThere(request),
    ...(takesDelay(request) && { captureDelayHours: 0 }),
    ...(Object.keys(more).length > 0 && { additionalData: more }),
    returnUrl,
    channel: 'Web',
    metadata: { operation, attempt },
  };
  return { path: '/payments', route: '/payments', body };
}

function takesDelay({ capture, paymentMethod: { type } }: AuthorizeRequest): boolean {
  return capture && !isDebit(type) && type !== 'ideal';
}

/** Whether the customer is there, and what the stored details were agreed to be used for. */
function shopperThere({ offSession, paymentMethod }: AuthorizeRequest) {
  const stored = isDebit(paymentMethod.type) || ('stored' in paymentMethod && paymentMethod.stored === true);
  if (!stored && !offSession) return { shopperInteraction: 'Ecommerce' };
  const recurringProcessingModel = offSession ? 'UnscheduledCardOnFile' : 'CardOnFile';
  return { shopperInteraction: 'ContAuth', recurringProcessingModel };
}
