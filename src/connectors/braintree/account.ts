/** What an account at Braintree is configured with. */

import { isCurrency } from '../../core/currencies.ts';
import type { AccountConfig } from '../../ops/accounts.ts';
import { ConfigProblem } from '../../ops/config-problem.ts';
import type { Access } from './client.ts';

export type Account = {
  url: string;
  access: Access;
  /** By currency: what Braintree calls a merchant account settles in one. */
  merchantAccounts: ReadonlyMap<string, string>;
  /** Several captures of one authorisation: only where Braintree has allowed it to the merchant. */
  partialSettlement: boolean;
};

/** @throws ConfigProblem where the settings cannot be meant. */
export function readAccount({ account, url, mode, credentials, settings }: AccountConfig): Account {
  const {
    merchant_id: merchantId = '',
    public_key: publicKey = '',
    private_key: privateKey = '',
  } = credentials;
  const environment = mode === 'live' ? 'api' : 'api.sandbox';
  return {
    url: url ?? `https://${environment}.braintreegateway.com`,
    access: { merchantId, publicKey, privateKey },
    merchantAccounts: readMerchantAccounts(account, settings['merchant_accounts']),
    partialSettlement: settings['partial_settlement'] === true,
  };
}

function readMerchantAccounts(account: string, setting: unknown): ReadonlyMap<string, string> {
  const pairs = String(setting)
    .split(',')
    .map((pair) => pair.trim().split('='));
  const good = pairs.every(([currency = '', id, more]) => isCurrency(currency) && id && more === undefined);
  if (good) return new Map(pairs.map(([currency = '', id = '']) => [currency, id]));
  throw new ConfigProblem(
    `The account ${account} needs the setting merchant_accounts as "EUR=its_id,USD=its_id": the merchant account of each currency.`,
  );
}
