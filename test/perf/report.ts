/** The numbers as text for people. */

import type { CpuMs, SlowStatement } from './counters.ts';
import type { Measured, Row } from './measure.ts';
import type { Pauses } from './pauses.ts';
import type { Reference } from './reference.ts';
import type { Verdict } from './targets.ts';

export function describe({ provider, reference, rows, half, slowest }: Measured): string {
  const firstError = [...rows.map((r) => r.load), half].find((load) => load.firstError)?.firstError;
  return [
    `\nprovider: ${provider}`,
    describeReference(reference),
    table(
      [
        'flow',
        'conc.',
        'pay/s',
        'ratio',
        'p50 ms',
        'p99 ms',
        'stmt/pay',
        'api',
        'postgres',
        'others',
        'load',
      ],
      rows.map(cells),
    ),
    `half of the maximum: ${half.perSecond.toFixed(0)} sales/s, p50 ${half.p50Ms.toFixed(1)} ms, p99 ${half.p99Ms.toFixed(1)} ms`,
    describeSlowest(slowest),
    ...(firstError ? [`first wrong answer: ${firstError}`] : []),
  ].join('\n');
}

export function describeReference({ pools, best, pairsInSeries }: Reference): string {
  const each = Object.entries(pools).map(([size, perSecond]) => `${perSecond.toFixed(0)} at ${size}`);
  return `reference: single-row commits/s ${each.join(', ')}; best ${best.toFixed(0)}; two in series ${pairsInSeries.toFixed(0)}/s`;
}

export function describePauses({ backToBackMs, afterPauseMs, pauseMs }: Pauses): string {
  return `\na sale without HTTP and database: ${backToBackMs.toFixed(2)} ms of processor time back to back, ${afterPauseMs.toFixed(2)} ms when each comes after a pause of ${pauseMs} ms`;
}

export function describeVerdicts(verdicts: Verdict[]): string {
  const lines = verdicts.map((v) => [v.met ? 'ok' : 'MISSED', v.name, v.wanted, v.reached]);
  return `\n${table(['', 'target', 'wanted', 'reached'], lines)}`;
}

function cells({ flow, concurrency, load, ratio, statementsPerPayment, cpuMs }: Row): string[] {
  return [
    flow,
    String(concurrency),
    load.perSecond.toFixed(0),
    ratio.toFixed(3),
    load.p50Ms.toFixed(1),
    load.p99Ms.toFixed(1),
    statementsPerPayment.toFixed(2),
    ...(['api', 'postgres', 'others', 'generator'] as const).map((name) => cpu(cpuMs, name)),
    foreign(cpuMs),
  ];
}

/** The part of the busy time that went to programs that are not ours: above a few percent, ratios are too low. */
function foreign(times: CpuMs): string {
  if (times === null) return '-';
  const ours = times.api + times.postgres + times.others + times.generator;
  return `${Math.max(0, 100 * (1 - ours / times.machine)).toFixed(0)} %`;
}

function cpu(times: CpuMs, name: keyof NonNullable<CpuMs>): string {
  return times === null ? '-' : `${times[name].toFixed(3)} ms`;
}

function describeSlowest(statements: SlowStatement[]): string {
  const lines = statements.map((s) => [
    s.text.slice(0, 50),
    String(s.calls),
    s.mean_ms.toFixed(3),
    s.total_ms.toFixed(0),
    s.wal_bytes.toFixed(0),
  ]);
  return table(['statement', 'calls', 'mean ms', 'total ms', 'WAL bytes'], lines);
}

function table(head: string[], lines: string[][]): string {
  const widths = head.map((title, i) =>
    Math.max(title.length, ...lines.map((cellsOf) => cellsOf[i]?.length ?? 0)),
  );
  const line = (cellsOf: string[]) => cellsOf.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ');
  return [line(head), widths.map((w) => '-'.repeat(w)).join('  '), ...lines.map(line)].join('\n');
}
