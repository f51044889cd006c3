/** Our payment methods in Adyen's words. Tokens are Adyen's or the wallet's and are passed through. */

import type { PaymentMethod } from '../../core/payment/events.ts';

/** What of a request to `/payments` the method decides. */
export type Charged = {
  paymentMethod: { type: string } & Record<string, string>;
  shopperReference?: string;
  additionalData?: Record<string, string>;
};

/** A card's token is the JWE of Adyen's own form, or the id of a stored method; a debit's is always the latter. */
export function charged(method: PaymentMethod): Charged {
  switch (method.type) {
    case 'card': {
      const field = method.stored ? 'storedPaymentMethodId' : 'encryptedCard';
      return { paymentMethod: { type: 'scheme', [field]: method.token }, ...shopper(method.customer) };
    }
    case 'apple_pay':
      return { paymentMethod: { type: 'applepay', applePayToken: method.token } };
    case 'google_pay':
      return { paymentMethod: { type: 'googlepay', googlePayToken: method.token } };
    case 'sepa_debit':
      return {
        ...debited('sepadirectdebit', method),
        ...(method.mandate && { additionalData: { 'sepadirectdebit.mandateId': method.mandate } }),
      };
    case 'ach_debit':
      return debited('ach', method);
    case 'bacs_debit':
      return debited('directdebit_GB', method);
    case 'ideal':
      return { paymentMethod: { type: 'ideal', ...(method.bank && { issuer: method.bank }) } };
    default:
      return method satisfies never;
  }
}

function debited(type: string, { token, customer }: { token: string; customer?: string }): Charged {
  return { paymentMethod: { type, storedPaymentMethodId: token }, ...shopper(customer) };
}

function shopper(customer: string | undefined): Pick<Charged, 'shopperReference'> {
  return customer === undefined ? {} : { shopperReference: customer };
}
