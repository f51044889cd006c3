/** Our payment methods in Adyen's words. Tokens are Adyen's or the wallet's and are passed through. */

import type { PaymentMethod } from '../../core/payment/events.ts';
import { readJson } from '../http.ts';
import { isObject, textOf } from '../json.ts';

/** What of a request to `/payments` the method decides. */
export type Charged = {
  paymentMethod: { type: string } & Record<string, string>;
  shopperReference?: string;
  additionalData?: Record<string, string>;
};

/** A debit's token is always the id of a stored method: who enters an account number does so at Adyen. */
export function charged(method: PaymentMethod): Charged {
  switch (method.type) {
    case 'card':
      return {
        paymentMethod: { type: 'scheme', ...cardOf(method.token, method.stored === true) },
        ...shopper(method.customer),
      };
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
    case 'paypal':
      throw new Error('PayPal is not among what this connector can do, so nobody may ask for it');
    default:
      return method satisfies never;
  }
}

/** What Adyen's form in the browser makes of a card; its other fields are not for us to pass on. */
const ENCRYPTED = [
  'encryptedCardNumber',
  'encryptedExpiryMonth',
  'encryptedExpiryYear',
  'encryptedSecurityCode',
  'brand',
];

/** The id of a stored card; else what Adyen's form gave: a JSON object of encrypted fields, or one JWE. */
function cardOf(token: string, stored: boolean): Record<string, string> {
  if (stored) return { storedPaymentMethodId: token };
  const fields = readJson(token);
  if (!isObject(fields)) return { encryptedCard: token };
  return Object.fromEntries(
    ENCRYPTED.flatMap((name) => {
      const text = textOf(fields, name);
      return text === null ? [] : [[name, text]];
    }),
  );
}

function debited(type: string, { token, customer }: { token: string; customer?: string }): Charged {
  return { paymentMethod: { type, storedPaymentMethodId: token }, ...shopper(customer) };
}

function shopper(customer: string | undefined): Pick<Charged, 'shopperReference'> {
  return customer === undefined ? {} : { shopperReference: customer };
}
