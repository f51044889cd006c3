/** The reference page on what the simulation has shown: only what was run, with the day of the run. */

import type { Caught } from './canary-run.ts';
import { chaosSection, failoverSection } from './page-chaos.ts';
import { number, table } from './page-parts.ts';
import { readResults } from './results.ts';
import type { Totals } from './run.ts';

type Run = Omit<Totals, 'failed'> & { days: number; lives: number; workers: number; failed: number };
type Canaries = { lives: number; most: number; caught: Caught[] };

export function proofMarkdown(): string {
  const all = [simulationSection(), canarySection(), chaosSection(), failoverSection()];
  const sections = all.filter((section) => section !== null);
  return `# Proof

What was run to find out whether a penny can be lost or doubled, and what came of it. Nothing here is a promise: each
figure is of a run, on the day that it names. How to run it again: [the simulation](../guides/simulation.md);
\`npm run test:chaos\` and \`npm run drill:failover\`. What other systems got wrong, and the tests of it:
[what went wrong elsewhere](scenarios.md).

${sections.join('\n')}`;
}

function simulationSection(): string | null {
  const run = readResults<Run>('simulation');
  if (run === null) return null;
  const { on, seeds, payments, virtualDays, steps, seconds, faults, failed, days, lives, workers } = run;
  const kinds = Object.entries(faults).sort(([a], [b]) => a.localeCompare(b));
  const count = kinds.reduce((sum, [, n]) => sum + n, 0);
  const rows: [string, string][] = [
    ['seeds', number(seeds)],
    ['seeds in which something did not hold', number(failed)],
    ['payments', number(payments)],
    ['virtual days', number(virtualDays)],
    ['steps of the scheduler', number(steps)],
    ['faults', number(count)],
    ['payment lives a second', (payments / seconds).toFixed(1)],
    ['virtual days an hour', number(Math.round((virtualDays * 3600) / seconds))],
  ];
  return `## Simulation, ${on}

${lives} lives begin within ${days} virtual days in each seed, on ${workers} workers; sixty quiet days follow. The speed is that of
the machine as it was, with whatever else ran there.

${table(['', ''], rows)}

Faults by kind:

${table(
  ['fault', 'times'],
  kinds.map(([kind, n]) => [`\`${kind}\``, number(n)]),
)}
`;
}

function canarySection(): string | null {
  const run = readResults<Canaries>('canaries');
  if (run === null) return null;
  const found = run.caught.filter(({ invariant }) => invariant !== null).length;
  const rows = run.caught.map(({ name, breaks, seeds, invariant }) => [
    `\`${name}\``,
    breaks,
    invariant === null ? `not in ${seeds}` : String(seeds),
    invariant === null ? '' : `\`${invariant}\``,
  ]);
  return `## Canaries, ${run.on}

The product is broken on purpose, in one place at a time, and the simulation is to notice: ${found} of ${run.caught.length} were found, with
${run.lives} lives a seed, from seed 1 on. Unbroken, seeds 1 to 12 hold with as many lives. Not every oracle that would
have seen a breakage is named, but the first.

${table(['canary', 'what is broken', 'seeds until found', 'found by'], rows)}
`;
}
