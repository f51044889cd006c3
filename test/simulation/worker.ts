/** One simulation worker: a PostgreSQL of its own, and one seed after the other as the parent hands them out. */

import { openBench } from './bench.ts';
import { runSeed } from './seed.ts';
import { shrink } from './shrink.ts';
import type { Bench } from './simulation.ts';
import { optionsOf, type SeedReport, type WorkOrder } from './work.ts';

async function work(bench: Bench, order: WorkOrder): Promise<SeedReport> {
  const report = await runSeed(bench, optionsOf(order));
  if (report.findings.length === 0 || !order.shrink) return report;
  return shrink(bench, order, report);
}

async function main(): Promise<void> {
  const bench = await openBench();
  process.on('disconnect', () => process.exit(1));
  // The parent hears it too, and sends no more seeds.
  process.on('SIGINT', () => undefined);
  process.on('message', (order: WorkOrder | 'end') => {
    if (order === 'end') void bench.close().then(() => process.exit(0));
    else void work(bench, order).then((report) => process.send?.(report), fail);
  });
  process.send?.('ready');
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

if (import.meta.main) await main();
