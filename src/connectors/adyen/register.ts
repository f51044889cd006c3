/** Adyen among the connectors. */

import type { AccountConfig } from '../../ops/accounts.ts';
import { ConfigProblem } from '../../ops/config-problem.ts';
import type { Registration } from '../registration.ts';
import { adyenConnector } from './connector.ts';

/** `live_url_prefix` is needed for live accounts: Adyen's own address of the company, in its Customer Area. */
export const ADYEN: Registration = {
  credentials: ['api_key'],
  settings: ['merchant_account'],
  optionalSettings: ['live_url_prefix'],
  versions: {
    72: (account, { world, timeoutMs }) =>
      adyenConnector({
        url: account.url ?? addressOf(account),
        apiKey: account.credentials['api_key'] ?? '',
        merchantAccount: String(account.settings['merchant_account']),
        world,
        ...(timeoutMs === null ? {} : { timeoutMs }),
      }),
  },
};

function addressOf({ account, mode, settings }: AccountConfig): string {
  if (mode !== 'live') return 'https://checkout-test.adyen.com';
  const prefix = settings['live_url_prefix'];
  if (typeof prefix === 'string' && /^[A-Za-z0-9-]{1,60}$/.test(prefix))
    return `https://${prefix}-checkout-live.adyenpayments.com/checkout`;
  throw new ConfigProblem(
    `The account ${account} is live and lacks the setting live_url_prefix: Adyen's Customer Area shows it under Developers, API URLs.`,
  );
}
