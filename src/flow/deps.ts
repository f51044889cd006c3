/** What the flow is made of; put together once, in main.ts. */

import type { Accounts, Connector } from '../connectors/port.ts';
import { type IdKind, mintId } from '../core/ids.ts';
import { type Attempt, accountOf } from '../core/payment/state.ts';
import type { Pool } from '../db/pool.ts';
import type { Log } from '../ops/log.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { World } from '../ops/world.ts';
import type { Committer } from './commit.ts';
import type { Streams } from './streams.ts';

export type FlowDeps = {
  pool: Pool;
  committer: Committer;
  streams: Streams;
  accounts: Accounts;
  world: World;
  log: Log;
  metrics: Metrics;
  /** Key of the hash chain; kept outside the database. */
  chainKey: Buffer;
  /** Where customers' browsers reach us, for the way back from a challenge. */
  publicUrl: string;
};

export function newId({ world }: Pick<FlowDeps, 'world'>, kind: IdKind): string {
  return mintId(kind, world.now(), world.randomBytes(10));
}

/** What a payment was made with is not configured here: nothing can be sent for it, and nobody asked. */
export class AccountMissing extends Error {
  readonly provider: string;
  readonly account: string;

  constructor({ provider, version }: Attempt, account: string) {
    super(
      `no connector for account ${account} at ${provider}, version ${version ?? 'any'}: restore it in the configuration; a version that takes no new payments stays with percent 0`,
    );
    this.provider = provider;
    this.account = account;
  }
}

/** The connector of an attempt: of its account, in the version that it began with, whatever is configured for new ones. */
export function connectorOf({ accounts }: Pick<FlowDeps, 'accounts'>, attempt: Attempt): Connector {
  const account = accountOf(attempt);
  const of = accounts.get(account);
  const [first] = of?.versions ?? [];
  const found =
    attempt.version === undefined ? first : of?.versions.find((v) => v.connector.version === attempt.version);
  if (found && of?.provider === attempt.provider) return found.connector;
  throw new AccountMissing(attempt, account);
}

/** The one that reads what is sent to the account or listed by it: that of the version with most of the traffic. */
export function readerOf(
  { accounts }: Pick<FlowDeps, 'accounts'>,
  provider: string,
  account: string,
): Connector | null {
  const found = accounts.get(account);
  if (found?.provider !== provider) return null;
  return found.versions.reduce((a, b) => (b.percent > a.percent ? b : a)).connector;
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}
