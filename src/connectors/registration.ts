/** What a provider's folder tells the registry. */

import type { AccountConfig } from '../ops/accounts.ts';
import type { World } from '../ops/world.ts';
import type { Connector } from './port.ts';

/** What a provider's folder offers here. */
export type Registration = {
  /** Credentials that an account must have, by name. */
  credentials: readonly string[];
  /** Settings that an account must have, by name. */
  settings: readonly string[];
  /** Settings that it may have beside. */
  optionalSettings: readonly string[];
  /** By version. */
  versions: Readonly<Record<string, Factory>>;
};

export type Factory = (account: AccountConfig, environment: Environment) => Connector;

/** `timeoutMs`: in the place of `LIMITS.provider.timeoutMs`, for every call that moves money. */
export type Environment = { world: World; timeoutMs: number | null };
