/** Cuts a failing plan down: fewer faults, then fewer lives, as long as the same invariant still breaks. */

import { runSeed } from './seed.ts';
import type { Bench } from './simulation.ts';
import { optionsOf, type SeedReport, type WorkOrder } from './work.ts';

const MOST_RUNS = 60;

/** The report of the shortest plan that was found; its `order` is that plan. */
export async function shrink(bench: Bench, order: WorkOrder, failed: SeedReport): Promise<SeedReport> {
  const invariant = failed.findings[0]?.invariant;
  let runs = 0;
  let best = { order: { ...order, explain: false }, report: failed };

  async function fails(candidate: WorkOrder): Promise<boolean> {
    if (runs >= MOST_RUNS) return false;
    runs += 1;
    const report = await runSeed(bench, optionsOf(candidate)).catch(() => null);
    const still = report?.findings.some((finding) => finding.invariant === invariant) ?? false;
    if (report !== null && still) best = { order: candidate, report };
    return still;
  }

  const lives = Array.from({ length: order.lives }, (_, i) => i);
  // Faults first: which of them come is counted over all lives.
  await halve([...failed.fired], (only) => fails({ ...best.order, only }));
  await halve(order.onlyLives ?? lives, (onlyLives) => fails({ ...best.order, onlyLives }));
  const last = { ...best.order, explain: true };
  const report = await runSeed(bench, optionsOf(last));
  return { ...report, shrunk: last };
}

/** Takes away halves, quarters, eighths … of the list, as long as what is left still fails. */
async function halve<T>(list: readonly T[], fails: (rest: T[]) => Promise<boolean>): Promise<void> {
  let rest = [...list];
  for (let size = Math.ceil(rest.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < rest.length; ) {
      const without = rest.toSpliced(at, size);
      if (await fails(without)) rest = without;
      else at += size;
    }
  }
}
