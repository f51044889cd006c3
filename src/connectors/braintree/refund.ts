/** Gives a part of what was settled back; before its settlement a transaction can only be voided. */

import type braintree from 'braintree';
import type { RefundRequest } from '../port.ts';
import { amountText } from './amounts.ts';
import { refundedTransaction } from './answer.ts';
import type { Call } from './client.ts';
import { snakeCase } from './names.ts';
import { orderId } from './order-id.ts';

export function refundCall(request: RefundRequest): Call {
  const { amount, currency, reference, operation } = request;
  const transaction: Pick<braintree.TransactionRequest, 'amount' | 'orderId'> = {
    amount: amountText(amount, currency),
    orderId: orderId(reference, operation),
  };
  const path = `/transactions/${encodeURIComponent(refundedTransaction(request))}/refund`;
  return { method: 'POST', path, route: '/transactions/{id}/refund', body: snakeCase({ transaction }) };
}
