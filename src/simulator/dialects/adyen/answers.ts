/** The answers of `/payments` and `/payments/details`, typed by the official SDK. */

import type { Types } from '@adyen/api-library';
import { type Charge, standing } from '../../books.ts';
import type { Reply } from '../../view.ts';
import { fromBooks } from '../amounts.ts';
import { refusalOf } from './codes.ts';
import { DEVIATIONS } from './request.ts';
import { wireOf } from './wire.ts';

type PaymentResponse = Omit<Types.checkout.PaymentResponse, 'resultCode' | 'action'> & {
  resultCode: `${Types.checkout.PaymentResponse.ResultCodeEnum}`;
  action?: object;
};

/** `url` is where the pages of challenges are. */
export function paymentReply(charge: Charge, url: string): Reply {
  return { status: 200, body: paymentResponse(charge, url) };
}

function paymentResponse(charge: Charge, url: string): PaymentResponse {
  const { merchantReference } = wireOf(charge);
  const base = { pspReference: charge.id, merchantReference };
  const status = standing(charge);
  switch (status) {
    case 'approved':
      return {
        ...base,
        resultCode: 'Authorised',
        amount: amountOf(charge),
        additionalData: detailsOf(charge),
      };
    case 'declined':
      return { ...base, ...refused(charge) };
    case 'pending':
      return { ...base, resultCode: 'Received', amount: amountOf(charge) };
    case 'charge_voided':
      return { ...base, resultCode: 'Cancelled' };
    case 'requires_action':
      return challenged(charge, url);
    default:
      return status satisfies never;
  }
}

/** A redirect to a bank has no PSP reference until it is over. */
function challenged(charge: Charge, url: string): PaymentResponse {
  const { method } = wireOf(charge);
  const to = `${url}/3ds/${charge.id}`;
  const action = { type: 'redirect', method: 'GET', paymentMethodType: method, url: to };
  const answer = { resultCode: 'RedirectShopper', action } as const;
  return method === 'ideal' ? answer : { ...answer, pspReference: charge.id };
}

function refused(
  charge: Charge,
): Pick<PaymentResponse, 'resultCode' | 'refusalReason' | 'refusalReasonCode'> {
  const { resultCode, code, reason } = refusalOf(charge.code);
  return { resultCode, refusalReason: reason, refusalReasonCode: code };
}

function amountOf({ currency, authorized, amount, state }: Charge): { currency: string; value: number } {
  return { currency, value: fromBooks(state === 'pending' ? amount : authorized, currency, DEVIATIONS) };
}

/** Made of the PSP reference, so that they are the same at every look and cost no memory. */
function detailsOf(charge: Charge): Record<string, string> {
  const { stored, method } = wireOf(charge);
  const digits = BigInt(`0x${Buffer.from(charge.id).toString('hex')}`)
    .toString()
    .padStart(16, '0');
  const tokens: Record<string, string> =
    stored === null
      ? {}
      : {
          'tokenization.storedPaymentMethodId': stored.id,
          'tokenization.shopperReference': stored.shopper,
        };
  if (method !== 'scheme') return tokens;
  return {
    ...tokens,
    authCode: digits.slice(-6),
    cardBin: '411111',
    cardSummary: '1111',
    avsResult: '7 Both match',
    cvcResult: '1 Matches',
    eci: charge.challenge === 'passed' ? '05' : '07',
    networkTxReference: digits.slice(0, 15),
  };
}
