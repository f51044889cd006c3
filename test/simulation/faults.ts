/**
 * What goes wrong in a seed, and how often. Every opportunity for a fault has a number, and the seed and that number
 * alone say whether it comes: so a plan can be cut down to the faults that matter.
 */

import { type Random, seeded } from '../support/random.ts';

export const FAULT_KINDS = [
  'crash_before',
  'crash_after',
  'pause',
  'sql_lost_before',
  'sql_lost_after',
  'sql_serialization',
  'sql_deadlock',
  'sql_refused',
  'net_refused',
  'net_reset_before',
  'net_reset_after',
  'net_late',
  'net_hang',
  'net_500_before',
  'net_500_after',
  'net_garbled',
  'net_429',
  'outage',
  'partial_outage',
  'key_expiry',
  'webhook_lost',
  'webhook_doubled',
  'webhook_late',
  'webhook_corrupted',
  'webhook_swapped',
  'endpoint_down',
  'refund_returned',
  'capture_reversed',
  'unrequested_refund',
  'unrequested_capture',
  'early_expiry',
  'inquiry',
  'chargeback',
  'sale_voided',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** `only`: these opportunities (`crash_after#12`), and no others. */
export type FaultPlan = { rates: Partial<Record<FaultKind, number>>; only: ReadonlySet<string> | null };

export type Faults = {
  /** Whether the fault comes, this time. */
  hits(kind: FaultKind): boolean;
  /** How long, how much: drawn for the fault that has just come. */
  draw(): Random;
  /** From now on nothing goes wrong. */
  end(): void;
  /** What has come, in order. */
  fired(): readonly string[];
};

/** Of an opportunity. Crashes are dear, and opportunities for them many. */
const MOST: Partial<Record<FaultKind, number>> = {
  crash_before: 0.004,
  crash_after: 0.004,
  pause: 0.002,
  sql_refused: 0.002,
  outage: 0.004,
  partial_outage: 0.004,
  key_expiry: 0.01,
};
const USUAL_MOST = 0.06;

/** A swarm: each seed has about half of the kinds, each with a rate of its own, so that rare ones meet. */
export function swarm(seed: number): FaultPlan {
  const random = seeded(seed ^ 0x5eed);
  const share = random.pick([0.1, 0.3, 0.5, 0.5, 0.7]);
  const rates: FaultPlan['rates'] = {};
  for (const kind of FAULT_KINDS) {
    const [isIn, rate] = [random.chance(share), random.next()];
    if (isIn) rates[kind] = rate * (MOST[kind] ?? USUAL_MOST);
  }
  return { rates, only: null };
}

export function createFaults(seed: number, { rates, only }: FaultPlan): Faults {
  const opportunities = new Map<FaultKind, number>();
  const fired: string[] = [];
  let ended = false;
  let last = seeded(seed);
  return {
    hits(kind) {
      const rate = rates[kind] ?? 0;
      if (ended || rate === 0) return false;
      const number = opportunities.get(kind) ?? 0;
      opportunities.set(kind, number + 1);
      const random = seeded(mixed(seed, FAULT_KINDS.indexOf(kind), number));
      const name = `${kind}#${number}`;
      if (only === null ? !random.chance(rate) : !only.has(name)) return false;
      fired.push(name);
      last = random;
      return true;
    },
    draw: () => last,
    end: () => {
      ended = true;
    },
    fired: () => fired,
  };
}

function mixed(...numbers: number[]): number {
  return numbers.reduce((sum, n) => Math.imul(sum ^ (n + 0x9e3779b9), 0x85ebca6b) ^ (sum >>> 13), 1);
}
