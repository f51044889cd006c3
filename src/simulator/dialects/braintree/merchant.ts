/** The merchant's accounts: what a program asks for to see whether its keys are good, and what it is configured with. */

import type { Said } from '../../simulator.ts';
import { said } from './errors.ts';
import { currencyOf, DEFAULT_MERCHANT_ACCOUNT } from './merchant-accounts.ts';
import { type BraintreeRequest, ok } from './request.ts';
import type { XmlFields } from './xml.ts';

export function merchantAccounts(): Said {
  const merchantAccount = viewOf(DEFAULT_MERCHANT_ACCOUNT);
  return said(ok(200, 'merchant-accounts', { totalItems: 1, pageSize: 50, merchantAccount }));
}

export function merchantAccount({ id }: BraintreeRequest): Said {
  return said(ok(200, 'merchant-account', viewOf(id)));
}

function viewOf(id: string): XmlFields {
  return {
    id,
    currencyIsoCode: currencyOf(id),
    status: 'active',
    default: id === DEFAULT_MERCHANT_ACCOUNT,
  };
}
