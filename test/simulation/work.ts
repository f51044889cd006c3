/** What a worker is told to do, and how the command line says it. */

import type { Finding } from './evidence.ts';
import { FAULT_KINDS, type FaultKind, type FaultPlan, swarm } from './faults.ts';

export type WorkOrder = {
  seed: number;
  days: number;
  lives: number;
  /** Kinds of faults that do not come. */
  without: FaultKind[];
  /** The faults that come, by name; null: as the seed has it. */
  only: string[] | null;
  onlyLives: number[] | null;
  /** In the place of the seed's. */
  provider: string | null;
  sessions: boolean;
  explain: boolean;
  shrink: boolean;
};

export type SeedOptions = {
  seed: number;
  /** Virtual days over which lives begin. */
  days: number;
  lives: number;
  /** These lives, and no others: of a plan that was cut down. */
  onlyLives?: ReadonlySet<number> | null;
  /** In the place of what the seed would choose. */
  provider?: string | null;
  /** BEGIN, statement and COMMIT are steps apart. */
  sessions?: boolean;
  plan?: FaultPlan | null;
  /** Tell the story of the first payment concerned. */
  explain?: boolean;
};

export type SeedReport = {
  seed: number;
  hash: string;
  payments: number;
  steps: number;
  virtualDays: number;
  fired: readonly string[];
  findings: Finding[];
  /** As `truepenny explain` tells it; null where it was not asked for, or no payment is concerned. */
  story: string | null;
  /** The order that this came of, where the plan was cut down. */
  shrunk: WorkOrder | null;
  milliseconds: number;
};

type Words = {
  without: string;
  only?: string | undefined;
  'only-lives'?: string | undefined;
  provider?: string | undefined;
};

export function readPlan(words: Words): Pick<WorkOrder, 'without' | 'only' | 'onlyLives' | 'provider'> {
  const without = listOf(words.without) as FaultKind[];
  const unknown = without.find((kind) => !FAULT_KINDS.includes(kind));
  if (unknown !== undefined)
    throw new Error(`${unknown} is no kind of fault; there are ${FAULT_KINDS.join(', ')}`);
  return {
    without,
    provider: words.provider ?? null,
    only: words.only === undefined ? null : listOf(words.only),
    onlyLives: words['only-lives'] === undefined ? null : listOf(words['only-lives']).map(Number),
  };
}

function listOf(text: string): string[] {
  return text.split(',').filter((word) => word !== '');
}

export function optionsOf(order: WorkOrder): SeedOptions {
  const { rates } = swarm(order.seed);
  const kept = Object.fromEntries(
    Object.entries(rates).filter(([kind]) => !order.without.some((without) => without === kind)),
  );
  return {
    seed: order.seed,
    days: order.days,
    lives: order.lives,
    onlyLives: order.onlyLives === null ? null : new Set(order.onlyLives),
    plan: { rates: kept, only: order.only === null ? null : new Set(order.only) },
    provider: order.provider,
    sessions: order.sessions,
    explain: order.explain,
  };
}
