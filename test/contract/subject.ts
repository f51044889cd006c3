/** What the contract suite has to know of a connector: where its provider is, and which values make it do what. */

import type { DeclineCategory } from '../../src/core/declines.ts';
import type { PaymentMethod } from '../../src/core/payment/events.ts';
import type { AccountConfig } from '../../src/ops/accounts.ts';

export type ContractSubject = {
  provider: string;
  version: string;
  /** The provider as the simulator plays it. */
  start(dataDir: string): Promise<Simulated>;
  /** What the account is configured with, given where its provider is. */
  account(url: string): Pick<AccountConfig, 'url' | 'credentials' | 'settings'>;
  /** Null where the provider sends nothing by itself. */
  webhooks: { secret: string; follow(control: string, url: string): Promise<void> } | null;
  methods: Methods;
  /** The provider's real sandbox; null where there is none. */
  sandbox: { url: string | null; methods: Methods } | null;
};

/** What to pay with, for each wanted outcome; null where the provider has no such value. */
export type Methods = {
  approve: PaymentMethod;
  /** By the category that must come out. */
  declines: Readonly<Record<DeclineCategory, PaymentMethod | null>>;
  challenge: PaymentMethod | null;
  pendingThenApprove: PaymentMethod | null;
  pendingThenDecline: PaymentMethod | null;
};

export type Simulated = {
  /** The simulator's own address: books, faults, settings. */
  control: string;
  /** Where the connector is to send its calls. */
  url: string;
  close(): Promise<void>;
};
