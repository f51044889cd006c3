/** Checkout.com among the connectors. */

import type { Registration } from '../registration.ts';
import { CHECKOUT_VERSION, checkoutConnector } from './connector.ts';

export const CHECKOUT: Registration = {
  credentials: ['secret_key'],
  settings: ['processing_channel_id'],
  optionalSettings: [],
  versions: {
    [CHECKOUT_VERSION]: ({ url, mode, credentials, settings }, { world, timeoutMs }) =>
      checkoutConnector({
        url: url ?? (mode === 'live' ? 'https://api.checkout.com' : 'https://api.sandbox.checkout.com'),
        secretKey: credentials['secret_key'] ?? '',
        channel: String(settings['processing_channel_id']),
        world,
        ...(timeoutMs === null ? {} : { timeoutMs }),
      }),
  },
};
