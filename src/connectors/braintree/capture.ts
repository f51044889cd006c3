/** Takes what is authorised, or a part of it. */

import type braintree from 'braintree';
import type { CaptureRequest } from '../port.ts';
import type { Account } from './account.ts';
import { amountText } from './amounts.ts';
import type { Call } from './client.ts';
import { snakeCase } from './names.ts';
import { orderId } from './order-id.ts';

/** As a whole the rest is released. In parts each is a transaction of its own, and the last one says that it is. */
export function captureCall(request: CaptureRequest, { partialSettlement }: Account): Call {
  const { providerReference, amount, currency, reference, operation, final } = request;
  const at = `/transactions/${encodeURIComponent(providerReference)}`;
  const transaction: Pick<braintree.TransactionRequest, 'amount' | 'orderId'> = {
    amount: amountText(amount, currency),
  };
  if (!partialSettlement) {
    const action = '/submit_for_settlement';
    const route = `/transactions/{id}${action}`;
    return { method: 'PUT', path: at + action, route, body: snakeCase({ transaction }) };
  }
  const action = '/submit_for_partial_settlement';
  const part = { ...transaction, orderId: orderId(reference, operation), finalCapture: final };
  const body = snakeCase({ transaction: part });
  return { method: 'POST', path: at + action, route: `/transactions/{id}${action}`, body };
}
