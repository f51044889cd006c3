/** What the platform must reach, on two cores with everything on, and whether it did. */

import type { Measured } from './measure.ts';

export type Verdict = { name: string; wanted: string; reached: string; met: boolean };

const SALES_RATIO = { instant: 0.15, delayed: 0.12 } as const;
const IN_SERIES = 0.5;
const HALF_LOAD_P99_MS = 50;
/** Throughput at the end of a soak against its beginning, each in proportion to the reference of its time. */
export const KEPT = 0.85;

export function judge(measured: Measured[]): Verdict[] {
  return measured.flatMap((one) => [
    ...ratioVerdicts(one),
    ...seriesVerdicts(one),
    p99Verdict(one),
    errors(one),
  ]);
}

function ratioVerdicts({ provider, rows }: Measured): Verdict[] {
  const row = rows.find((r) => r.flow === 'sale' && r.concurrency === 64);
  if (!row || provider === 'simulator') return [];
  const wanted = SALES_RATIO[provider];
  return [verdict(`${provider}: sales at 64 / best single-row commits`, wanted, row.ratio)];
}

function seriesVerdicts({ provider, rows, reference }: Measured): Verdict[] {
  const row = rows.find((r) => r.flow === 'sale' && r.concurrency === 1);
  if (!row || provider !== 'instant') return [];
  const ratio = row.load.perSecond / reference.pairsInSeries;
  return [verdict(`${provider}: sales one at a time / two commits in series`, IN_SERIES, ratio)];
}

function p99Verdict({ provider, half }: Measured): Verdict {
  return {
    name: `${provider}: p99 at half of the maximum load`,
    wanted: `< ${HALF_LOAD_P99_MS} ms`,
    reached: `${half.p99Ms.toFixed(1)} ms`,
    met: half.p99Ms < HALF_LOAD_P99_MS,
  };
}

function errors({ provider, rows, half }: Measured): Verdict {
  const wrong = [...rows.map((r) => r.load), half].reduce((sum, load) => sum + load.errors, 0);
  return { name: `${provider}: wrong answers`, wanted: '0', reached: String(wrong), met: wrong === 0 };
}

function verdict(name: string, wanted: number, reached: number): Verdict {
  return { name, wanted: `>= ${wanted.toFixed(2)}`, reached: reached.toFixed(3), met: reached >= wanted };
}
