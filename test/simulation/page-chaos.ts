/** What real processes have shown: those that were killed, and the primary that was lost. */

import type { ChaosReport } from '../chaos/chaos.ts';
import type { DrillReport } from '../drill/failover.ts';
import { newestResult } from '../support/results.ts';
import { number, table } from './page-parts.ts';

export function chaosSection(): string | null {
  const run = newestResult<ChaosReport>('chaos');
  if (run === null) return null;
  const { kills, recoveryMs, takenAt, commit, machine } = run;
  const count = Object.values(kills).reduce((sum, n) => sum + n, 0);
  const rows: [string, string][] = [
    ['kills', number(count)],
    ...Object.entries(kills).map(([name, n]): [string, string] => [`of \`${name}\``, number(n)]),
    ['what did not hold', number(run.findings)],
    ['payments', number(run.payments)],
    ['requests', number(run.requests)],
    ['sent again with their key', number(run.sentAgain)],
    ['refunds in the provider’s dashboard', number(run.dashboardRefunds)],
    ['webhooks stored', number(run.webhooksStored)],
    ['recovery, median', seconds(recoveryMs.median)],
    ['recovery, p95', seconds(recoveryMs.p95)],
    ['recovery, longest', seconds(recoveryMs.max)],
    ['until all was at rest, at the end', seconds(run.convergedMs)],
  ];
  return `## Kills under load, ${dayOf(takenAt)}

Real processes were ended with \`SIGKILL\`, and under them a PostgreSQL that forces everything to disk by an immediate stop: ${run.rounds} rounds on
${machine.cores} cores with a load of ${machine.load[0]} at the end, at commit \`${commit}\`. Recovery runs from starting again what was killed until each API serves.

${table(['', ''], rows)}
`;
}

export function failoverSection(): string | null {
  const run = newestResult<DrillReport>('failover');
  if (run === null) return null;
  const { takenAt, commit, machine } = run;
  const rows: [string, string][] = [
    ['without service', seconds(run.withoutServiceMs)],
    ['of it, before anybody noticed', seconds(run.noticedMs)],
    ['until the standby was promoted', seconds(run.promotedMs)],
    ['until all was at rest, at the end', seconds(run.convergedMs)],
    ['what did not hold', number(run.findings)],
    ['payments', number(run.payments)],
    ['requests', number(run.requests)],
    ['sent again with their key', number(run.sentAgain)],
  ];
  return `## A primary that is lost, ${dayOf(takenAt)}

The primary was killed under load and its synchronous standby promoted; nobody restarted anything. One drill, on ${machine.cores} cores
with a load of ${machine.load[0]} at the end, at commit \`${commit}\`.

${table(['', ''], rows)}
`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function dayOf(takenAt: string): string {
  return takenAt.slice(0, 10);
}
