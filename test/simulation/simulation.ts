/** What all parts of one seed's run share. */

import type { Log } from '../../src/ops/log.ts';
import type { Metrics } from '../../src/ops/metrics.ts';
import type { Server } from './cluster.ts';
import type { DueTimes } from './due.ts';
import type { Finding, Oracle } from './evidence.ts';
import type { Faults } from './faults.ts';
import type { Owner } from './owner.ts';
import type { Process } from './process.ts';
import type { Provider } from './provider.ts';
import type { SimulatedProvider } from './providers.ts';
import type { Scheduler } from './scheduler.ts';
import type { Sessions } from './statement.ts';
import type { Step } from './steps.ts';
import type { StoredPayments } from './stored.ts';

/** What outlives a seed. */
export type Bench = { server: Server; log: Log; metrics: Metrics; oracles: readonly Oracle[] };

export type Simulation = {
  bench: Bench;
  seed: number;
  scheduler: Scheduler;
  faults: Faults;
  /** Whose connector and dialect it is. */
  provided: SimulatedProvider;
  provider: Provider;
  /** Merchants, customers, banks and the provider: nothing crashes them. */
  world: Owner;
  /** Null where a statement is one step. */
  sessions: Sessions | null;
  /** Those that are up. */
  processes: Process[];
  due: DueTimes;
  stored: StoredPayments;
  history: Step[];
  /** Payments that a commit may have changed since they were last looked at. */
  touched: Set<string>;
  disturbed: Set<string>;
  /** Webhooks that were answered 2xx, by their event's id, with their bodies. */
  acknowledged: Map<string, string>;
  /** Operations that are written down. */
  intents: Set<string>;
  findings: Finding[];
};
