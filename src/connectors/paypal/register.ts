/** PayPal among the connectors. */

import { ConfigProblem } from '../../ops/config-problem.ts';
import type { Factory, Registration } from '../registration.ts';
import { PAYPAL_VERSION, paypalConnector } from './connector.ts';

const URLS = { live: 'https://api-m.paypal.com', sandbox: 'https://api-m.sandbox.paypal.com' } as const;

const create: Factory = ({ account, url, mode, credentials, settings }, { world, timeoutMs }) => {
  const environment = mode === 'live' ? 'live' : 'sandbox';
  const { client_id: clientId = '', client_secret: clientSecret = '' } = credentials;
  const { certificate_authority: authority = null } = settings;
  if (
    authority !== null &&
    !(typeof authority === 'string' && authority.startsWith('-----BEGIN CERTIFICATE'))
  )
    throw new ConfigProblem(`The account ${account}: the setting certificate_authority must be a PEM text.`);
  if (authority !== null && environment === 'live')
    throw new ConfigProblem(
      `The account ${account} is live: PayPal's certificates need no certificate_authority.`,
    );
  return paypalConnector({
    url: url ?? URLS[environment],
    credentials: { clientId, clientSecret },
    environment,
    authority,
    world,
    ...(timeoutMs === null ? {} : { limits: { timeoutMs } }),
  });
};

export const PAYPAL: Registration = {
  credentials: ['client_id', 'client_secret'],
  settings: [],
  optionalSettings: ['certificate_authority'],
  versions: { [PAYPAL_VERSION]: create },
};
