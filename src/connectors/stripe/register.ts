/** Stripe among the connectors. */

import { ConfigProblem } from '../../ops/config-problem.ts';
import type { Factory, Registration } from '../registration.ts';
import { STRIPE_VERSION, stripeConnector } from './connector.ts';

const URL = 'https://api.stripe.com';

const create: Factory = ({ account, url, mode, credentials, settings }, { world, timeoutMs }) => {
  const secretKey = credentials['secret_key'] ?? '';
  if (!/^[\x21-\x7e]{8,255}$/.test(secretKey))
    throw new ConfigProblem(`The account ${account}: secret_key must be a key of Stripe's, sk_… or rk_….`);
  const multicapture = settings['multicapture'] ?? false;
  if (typeof multicapture !== 'boolean')
    throw new ConfigProblem(`The account ${account}: the setting multicapture must be true or false.`);
  const limits = timeoutMs === null ? {} : { limits: { timeoutMs } };
  return stripeConnector({ url: url ?? URL, secretKey, settings: { multicapture }, mode, world, ...limits });
};

export const STRIPE: Registration = {
  credentials: ['secret_key'],
  settings: [],
  optionalSettings: ['multicapture'],
  versions: { [STRIPE_VERSION]: create },
};
