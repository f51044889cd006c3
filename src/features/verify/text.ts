/** A report as people read it. */

import { EVENTS_COUNTED } from './attested.ts';
import type { Finding, Report } from './report.ts';

export function reportText(report: Report): string {
  const lines = [checkedLine(report), '', ...verdict(report), '', ...digestLines(report)];
  if (report.private_parts_erased > 0)
    lines.push(
      `${count(report.private_parts_erased, 'private part')} erased: what they said can no longer be checked.`,
    );
  return [...lines, ...report.notes].join('\n');
}

function checkedLine({ checked, duration_ms, stopped }: Report): string {
  const seconds = Math.max(duration_ms, 1) / 1000;
  const rate = Math.round(checked.payments / seconds).toLocaleString('en');
  const what = `${count(checked.payments, 'payment')}, ${count(checked.events, 'event')}, ${count(checked.journals, 'journal')} and ${count(checked.heads, 'attested head')}`;
  return `${stopped ? 'Stopped after' : 'Verified'} ${what} in ${seconds.toFixed(1)} s (${rate} payments/s).`;
}

function verdict({ holds, findings, counts, stopped }: Report): string[] {
  if (holds) return [stopped ? 'So far everything holds.' : 'Everything holds.'];
  const [first, ...more] = findings;
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const lines = [`DOES NOT HOLD. First: ${first ? findingText(first) : ''}`];
  if (more.length > 0) lines.push('', 'Then:', ...more.map((finding) => `  ${findingText(finding)}`));
  if (total > findings.length)
    lines.push(`  … and ${(total - findings.length).toLocaleString('en')} more of them`);
  const byName = Object.entries(counts).map(([name, n]) => `${name} ${n.toLocaleString('en')}`);
  return [...lines, '', `By invariant: ${byName.join(', ')}`];
}

function findingText({ invariant, payment, what }: Finding): string {
  return `${payment ? `${payment}: ` : ''}${what} (${invariant})`;
}

function digestLines({ digest }: Report): string[] {
  if (digest === null) return [];
  const { events_since } = digest;
  const newer = events_since !== null && events_since >= EVENTS_COUNTED ? 'or more ' : '';
  const since =
    events_since === null
      ? 'How many events are newer cannot be told.'
      : `Not covered by it: ${events_since.toLocaleString('en')} ${newer}newer event${events_since === 1 ? '' : 's'}.`;
  return [`Last digest: ${digest.digest} of ${digest.taken_at}, sha256 ${digest.sha256}. ${since}`];
}

function count(n: number, what: string): string {
  return `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;
}
