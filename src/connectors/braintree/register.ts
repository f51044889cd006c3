/** Braintree among the connectors: three keys, the merchant account of each currency, one version of its gateway. */

import type { Registration } from '../registration.ts';
import { readAccount } from './account.ts';
import { API_VERSION } from './client.ts';
import { braintreeConnector } from './connector.ts';

export const BRAINTREE: Registration = {
  credentials: ['merchant_id', 'public_key', 'private_key'],
  settings: ['merchant_accounts'],
  optionalSettings: ['partial_settlement'],
  versions: {
    [API_VERSION]: (config, { world, timeoutMs }) =>
      braintreeConnector({
        account: readAccount(config),
        world,
        ...(timeoutMs === null ? {} : { limits: { timeoutMs } }),
      }),
  },
};
