/** The merchant's account: what a program asks for to see whether its keys are good. */

import type { Said } from '../../simulator.ts';
import { said } from './errors.ts';
import { currencyOf, DEFAULT_MERCHANT_ACCOUNT } from './merchant-accounts.ts';
import { ok } from './request.ts';

export function merchantAccounts(): Said {
  const id = DEFAULT_MERCHANT_ACCOUNT;
  const merchantAccount = { id, currencyIsoCode: currencyOf(id), status: 'active', default: true };
  return said(ok(200, 'merchant-accounts', { totalItems: 1, pageSize: 50, merchantAccount }));
}
