/** The connectors of this release: one line each. */

import type { AccountConfig } from '../ops/accounts.ts';
import { ConfigProblem } from '../ops/config-problem.ts';
import { ADYEN } from './adyen/register.ts';
import { BRAINTREE } from './braintree/register.ts';
import { CHECKOUT } from './checkout/register.ts';
import { PAYPAL } from './paypal/register.ts';
import type { Accounts, ProviderAccount } from './port.ts';
import type { Environment, Factory, Registration } from './registration.ts';
import { SIMULATOR } from './simulator/register.ts';
import { STRIPE } from './stripe/register.ts';

/** By the provider's name. */
export const REGISTRY: Readonly<Record<string, Registration>> = {
  adyen: ADYEN,
  braintree: BRAINTREE,
  checkout: CHECKOUT,
  paypal: PAYPAL,
  simulator: SIMULATOR,
  stripe: STRIPE,
};

/** The names of what an account of the provider must have. */
export function neededBy(provider: string): Pick<Registration, 'credentials' | 'settings'> {
  const known = Object.hasOwn(REGISTRY, provider) ? REGISTRY[provider] : undefined;
  if (!known) throw new Error(`there is no connector for ${provider}`);
  return known;
}

/** Refuses what no connector could work with, before anything is started. */
export function checkAccounts(configs: readonly AccountConfig[]): void {
  for (const config of configs) for (const { version } of config.versions) factoryOf(config, version);
}

export function createAccounts(configs: readonly AccountConfig[], environment: Environment): Accounts {
  return new Map(
    configs.map((config): [string, ProviderAccount] => {
      const { account, provider, mode } = config;
      const versions = config.versions.map(({ version, percent }) => ({
        connector: factoryOf(config, version)(config, environment),
        percent,
      }));
      return [account, { account, provider, mode, versions }];
    }),
  );
}

function factoryOf({ account, provider, credentials, settings }: AccountConfig, version: string): Factory {
  const known = Object.hasOwn(REGISTRY, provider) ? REGISTRY[provider] : undefined;
  if (!known)
    throw new ConfigProblem(
      `The account ${account} is at ${provider}, which no connector knows; there are ${Object.keys(REGISTRY).join(', ')}.`,
    );
  const missing = known.credentials.find((name) => !Object.hasOwn(credentials, name));
  if (missing !== undefined)
    throw new ConfigProblem(
      `The account ${account} lacks the credential ${missing}, which ${provider} needs.`,
    );
  const unset = known.settings.find((name) => !Object.hasOwn(settings, name));
  if (unset !== undefined)
    throw new ConfigProblem(`The account ${account} lacks the setting ${unset}, which ${provider} needs.`);
  refuseStrangers(`The account ${account} has a credential`, credentials, known.credentials);
  refuseStrangers(`The account ${account} has a setting`, settings, [
    ...known.settings,
    ...known.optionalSettings,
  ]);
  const factory = Object.hasOwn(known.versions, version) ? known.versions[version] : undefined;
  if (factory) return factory;
  throw new ConfigProblem(
    `The account ${account} asks for version ${version} of ${provider}; there are ${Object.keys(known.versions).join(', ')}.`,
  );
}

/** A slip in a name would be a setting that is not heeded. The name is not repeated: it may be a secret that slipped. */
function refuseStrangers(which: string, given: object, known: readonly string[]): void {
  if (Object.keys(given).every((name) => known.includes(name))) return;
  const may = known.length === 0 ? 'it needs none' : `it may have ${known.join(', ')}`;
  throw new ConfigProblem(`${which} that nothing reads; ${may}.`);
}
