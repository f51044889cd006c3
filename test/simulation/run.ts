/** `npm run simulate -- [--seed n] [--seeds k] [--days d] [--lives l] [--workers w]`: many seeds, over several processes. */

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { KEPT } from './kept.ts';
import { commandOf } from './replay.ts';
import { keepResults } from './results.ts';
import { readPlan, type SeedReport, type WorkOrder } from './work.ts';

const USAGE = `Usage: npm run simulate -- [--seed 1] [--seeds 100] [--days 2] [--lives 50] [--workers 2]
  --kept             the seeds that failed once, of test/simulation/seeds.json
  --keep             keeps the figures for docs/reference/proof.md
  --without a,b      faults of these kinds do not come
  --only a#1,b#2     these faults come, and no others
  --only-lives 1,2   these lives are lived, and no others
  --provider stripe  this provider for every seed
  --sessions         BEGIN, statement and COMMIT are steps apart, so that transactions meet
  --explain          tells the story of the first payment concerned
  --shrink           looks for the shortest plan that still fails`;

const OPTIONS = {
  seed: { type: 'string', default: '1' },
  seeds: { type: 'string', default: '1' },
  days: { type: 'string', default: '2' },
  lives: { type: 'string', default: '50' },
  workers: { type: 'string', default: '2' },
  without: { type: 'string', default: '' },
  only: { type: 'string' },
  'only-lives': { type: 'string' },
  provider: { type: 'string' },
  sessions: { type: 'boolean', default: false },
  kept: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  explain: { type: 'boolean', default: false },
  shrink: { type: 'boolean', default: false },
} as const;

export type Totals = {
  seeds: number;
  payments: number;
  virtualDays: number;
  steps: number;
  seconds: number;
  faults: Record<string, number>;
  failed: SeedReport[];
};

export type SimulateOptions = {
  workers: number;
  /** Breaks the product in the workers: see `canaries.ts`. */
  canary?: string;
  /** Hears of each seed; false ends the run. */
  onReport(report: SeedReport, order: WorkOrder): boolean;
};

/** Hands out the orders to so many workers, each with a PostgreSQL of its own. */
export async function simulate(orders: readonly WorkOrder[], options: SimulateOptions): Promise<Totals> {
  const began = performance.now();
  const totals: Totals = {
    seeds: 0,
    payments: 0,
    virtualDays: 0,
    steps: 0,
    seconds: 0,
    faults: {},
    failed: [],
  };
  const left = [...orders];
  const hear = (report: SeedReport, order: WorkOrder) => {
    add(totals, report);
    if (!options.onReport(report, order)) left.length = 0;
  };
  // Ctrl-C: the seeds in hand are finished, and what was run is told.
  const stop = () => {
    left.length = 0;
  };
  process.once('SIGINT', stop);
  const workers = Math.min(options.workers, orders.length);
  await Promise.all(Array.from({ length: workers }, () => workOff(left, hear, options.canary)));
  process.off('SIGINT', stop);
  totals.seconds = (performance.now() - began) / 1000;
  return totals;
}

function workOff(
  left: WorkOrder[],
  hear: (report: SeedReport, order: WorkOrder) => void,
  canary: string | undefined,
): Promise<void> {
  const worker = startWorker(canary);
  return new Promise((resolve, reject) => {
    let order: WorkOrder | undefined;
    worker.on('message', (message: SeedReport | 'ready') => {
      if (message !== 'ready' && order !== undefined) hear(message, order);
      order = left.shift();
      worker.send(order ?? 'end');
    });
    worker.on('error', reject);
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
  });
}

function startWorker(canary: string | undefined) {
  const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  if (canary === undefined) return fork(file('./worker.ts'), []);
  const env = { ...process.env, SIMULATION_CANARY: canary };
  return fork(file('./worker.ts'), [], { env, execArgv: ['--import', file('./canary-hook.mjs')] });
}

function add(totals: Totals, report: SeedReport): void {
  totals.seeds += 1;
  totals.payments += report.payments;
  totals.virtualDays += report.virtualDays;
  totals.steps += report.steps;
  for (const name of report.fired) {
    const [kind = ''] = name.split('#');
    totals.faults[kind] = (totals.faults[kind] ?? 0) + 1;
  }
  if (report.findings.length > 0) totals.failed.push(report);
}

export function tell(report: SeedReport, order: WorkOrder, say: (line: string) => void): void {
  const { seed, hash, payments, steps, fired, findings } = report;
  const much = `${payments} payments, ${steps} steps, ${fired.length} faults`;
  say(`seed ${seed}  history ${hash}  ${much}  ${findings.length === 0 ? 'all held' : 'FAILED'}`);
  for (const { invariant, payment, what } of findings.slice(0, 4))
    say(`  ${invariant}: ${payment ?? ''} ${what}`);
  if (report.story !== null) say(report.story);
  if (findings.length > 0) say(`  again: ${commandOf(report.shrunk ?? order)}`);
}

export function summary({ seeds, payments, virtualDays, steps, seconds, faults, failed }: Totals): string {
  const kinds = Object.entries(faults).sort(([a], [b]) => a.localeCompare(b));
  const count = kinds.reduce((sum, [, n]) => sum + n, 0);
  return [
    `${seeds} seeds, ${payments} payments, ${virtualDays} virtual days, ${steps} steps, ${count} faults in ${seconds.toFixed(1)} s`,
    `${(payments / seconds).toFixed(1)} payment lives a second, ${Math.round((virtualDays * 3600) / seconds)} virtual days an hour`,
    ...kinds.map(([kind, n]) => `  ${kind.padEnd(22)} ${n}`),
    failed.length === 0
      ? 'Everything held.'
      : `${failed.length} seeds failed: ${failed.map((f) => f.seed).join(', ')}`,
  ].join('\n');
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: OPTIONS });
  const [seed, seeds, days, lives, workers] = [
    values.seed,
    values.seeds,
    values.days,
    values.lives,
    values.workers,
  ].map(Number) as [number, number, number, number, number];
  if (![seed, seeds, days, lives, workers].every((n) => Number.isInteger(n) && n > 0)) {
    console.error(USAGE);
    return 2;
  }
  const common = {
    days,
    lives,
    ...readPlan(values),
    sessions: values.sessions,
    explain: values.explain,
    shrink: values.shrink,
  };
  const fresh = Array.from({ length: seeds }, (_, i): WorkOrder => ({ ...common, seed: seed + i }));
  const orders = values.kept ? KEPT.map((kept) => ({ ...common, ...kept })) : fresh;
  console.log(`${orders.length} seeds from ${orders[0]?.seed} on`);
  const onReport = (report: SeedReport, order: WorkOrder) => {
    tell(report, order, console.log);
    return true;
  };
  const totals = await simulate(orders, { workers, onReport });
  if (values.keep)
    keepResults('simulation', { ...totals, days, lives, workers, failed: totals.failed.length });
  console.log(summary(totals));
  return totals.failed.length === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main();
