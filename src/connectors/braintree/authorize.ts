/** A sale: authorised, and with `submit_for_settlement` captured as well. */

import type braintree from 'braintree';
import type { PaymentMethod } from '../../core/payment/events.ts';
import type { AuthorizeRequest } from '../port.ts';
import type { Account } from './account.ts';
import { amountText } from './amounts.ts';
import type { Call } from './client.ts';
import { snakeCase } from './names.ts';
import { orderId } from './order-id.ts';

/**
 * A nonce from the customer's browser, which has been through 3D Secure there if it had to; or a token of the vault.
 * The merchant account decides the currency: a sale has no field for it.
 */
export function authorizeCall(request: AuthorizeRequest, { merchantAccounts }: Account): Call {
  const { amount, currency, reference, attempt, capture, paymentMethod, offSession } = request;
  const transaction = {
    type: 'sale',
    amount: amountText(amount, currency),
    merchantAccountId: merchantAccounts.get(currency) ?? '',
    orderId: orderId(reference, attempt),
    ...paidWith(paymentMethod),
    ...(offSession ? { transactionSource: 'unscheduled' as const } : {}),
    options: { submitForSettlement: capture },
  } satisfies braintree.TransactionRequest & { type: string };
  return { method: 'POST', path: '/transactions', route: '/transactions', body: snakeCase({ transaction }) };
}

type PaidWith = Pick<braintree.TransactionRequest, 'paymentMethodNonce' | 'paymentMethodToken'>;

function paidWith(method: PaymentMethod): PaidWith {
  switch (method.type) {
    case 'card':
    case 'sepa_debit':
    case 'ach_debit':
    case 'bacs_debit':
      return method.stored ? { paymentMethodToken: method.token } : { paymentMethodNonce: method.token };
    case 'apple_pay':
    case 'google_pay':
      return { paymentMethodNonce: method.token };
    case 'ideal':
    case 'paypal':
      throw new Error(`${method.type} is not among what this connector can do, so nobody may ask for it`);
    default:
      return method satisfies never;
  }
}
