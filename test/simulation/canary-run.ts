/** `npm run simulate:canaries -- [--seeds 100] [--lives 20] [--workers 2] [--keep]`: is each breakage found, and how soon? */

import { parseArgs } from 'node:util';
import { CANARIES, type Canary } from './canaries.ts';
import { keepResults } from './results.ts';
import { simulate } from './run.ts';

export type Caught = { name: string; breaks: string; seeds: number; invariant: string | null };

/** `seeds`: how many it took, or how many were tried in vain. */
export async function look({ name, breaks }: Canary, most: number, lives: number): Promise<Caught> {
  const common = {
    days: 2,
    lives,
    without: [],
    only: null,
    onlyLives: null,
    provider: null,
    sessions: false,
    explain: false,
    shrink: false,
  };
  const orders = Array.from({ length: most }, (_, i) => ({ ...common, seed: i + 1 }));
  const totals = await simulate(orders, {
    workers: 1,
    canary: name,
    onReport: ({ findings }) => findings.length === 0,
  });
  return { name, breaks, seeds: totals.seeds, invariant: totals.failed[0]?.findings[0]?.invariant ?? null };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '100' },
      lives: { type: 'string', default: '20' },
      workers: { type: 'string', default: '2' },
      canary: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  const left = CANARIES.filter(({ name }) => values.canary === undefined || name === values.canary);
  const caught: Caught[] = [];
  const work = async () => {
    for (let canary = left.shift(); canary !== undefined; canary = left.shift()) {
      const one = await look(canary, Number(values.seeds), Number(values.lives));
      caught.push(one);
      const how =
        one.invariant === null ? `NOT FOUND in ${one.seeds} seeds` : `${one.seeds} seeds: ${one.invariant}`;
      console.log(`${one.name.padEnd(28)} ${how}`);
    }
  };
  await Promise.all(Array.from({ length: Number(values.workers) }, work));
  caught.sort((a, b) => a.name.localeCompare(b.name));
  if (values.keep)
    keepResults('canaries', { lives: Number(values.lives), most: Number(values.seeds), caught });
  return caught.every(({ invariant }) => invariant !== null) ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main();
