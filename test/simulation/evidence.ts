/** What the oracles judge by: the database as it is, the provider's books, and what merchants were told. */

import type { Pool } from '../../src/db/pool.ts';
import type { Faults } from './faults.ts';
import type { Provider } from './provider.ts';
import type { SimulatedProvider } from './providers.ts';
import type { Scheduler } from './scheduler.ts';
import type { Step } from './steps.ts';
import type { Stored } from './stored.ts';

export type Evidence = {
  /** Outside the simulated processes: nothing disturbs it. */
  pool: Pool;
  scheduler: Scheduler;
  provider: Provider;
  provided: SimulatedProvider;
  faults: Faults;
  history: readonly Step[];
  /** Payments that somebody interfered with at the provider: what they are told of is deserved. */
  disturbed: ReadonlySet<string>;
  /** Webhooks that were answered 2xx, by their event's id, with their bodies. */
  acknowledged: ReadonlyMap<string, string>;
};

export type Finding = { invariant: string; payment: string | null; what: string };

/** One rule: looked at after each step, on the payments that it touched, and at the end on all there is. */
export type Oracle = {
  name: string;
  afterStep?(evidence: Evidence, touched: readonly Stored[]): Finding[];
  atEnd?(evidence: Evidence): Promise<Finding[]>;
};
