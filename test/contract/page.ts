/** The reference page of the connectors, from what the contract suite found. */

import { readdirSync, readFileSync } from 'node:fs';
import type { LookUp } from '../../src/connectors/capabilities.ts';
import type { Results } from './report.ts';

const FOLDER = new URL('./results/', import.meta.url);

export function connectorsMarkdown(): string {
  const all = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Results);
  return [
    '# Connectors',
    '',
    'What each connector can do, and what the contract suite (`test/contract/`) saw of it against the simulator: the',
    'simulator’s books said what really happened. Made from the results of that run.',
    '',
    '## Capabilities',
    '',
    ...table('', all, CAPABILITIES),
    '',
    '## Outcomes',
    '',
    ...table(
      'the provider says',
      all,
      rowsOf(all, (r) => r.outcomes),
    ),
    '',
    '## Captures, voids and refunds',
    '',
    ...table(
      '',
      all,
      rowsOf(all, (r) => r.proved),
    ),
    '',
    '## Faults',
    '',
    'How often the money moved in the end, when the call met the fault: our books and the provider’s said the same.',
    '',
    ...table('call and fault', all, rowsOf(all, faultsOf)),
    '',
    '## Currencies',
    '',
    ...table(
      '',
      all,
      rowsOf(all, (r) => r.currencies),
    ),
    '',
  ].join('\n');
}

type Rows = Readonly<Record<string, (results: Results) => string>>;

const list = (items: readonly string[]) => (items.length === 0 ? 'none' : items.join(', '));
const yes = (value: boolean) => (value ? 'yes' : 'no');

const CAPABILITIES: Rows = {
  'payment methods': ({ capabilities: c }) => list(c.methods),
  'captured later': ({ capabilities: c }) => list(c.manualCapture),
  currencies: ({ capabilities: c }) => (c.currencies === 'all' ? 'all' : `${c.currencies.length}`),
  '3DS': ({ capabilities: c }) => yes(c.threeDs),
  'stored methods': ({ capabilities: c }) => yes(c.storedMethods),
  'merchant-initiated': ({ capabilities: c }) => yes(c.merchantInitiated),
  'look-up of an authorisation': ({ capabilities: c }) => lookUp(c.lookUp.authorize),
  'look-up of a capture': ({ capabilities: c }) => lookUp(c.lookUp.capture),
  'look-up of a void': ({ capabilities: c }) => lookUp(c.lookUp.void),
  'look-up of a refund': ({ capabilities: c }) => lookUp(c.lookUp.refund),
  'idempotency keys': ({ capabilities: c }) => (c.idempotency ? windows(c.idempotency.windowMs) : 'none'),
  'decided later': ({ capabilities: c }) => list(c.asynchronous),
  'counts as captured': ({ capabilities: c }) => c.captured.replaceAll('_', ' '),
  webhooks: ({ capabilities: c }) =>
    c.webhooks
      ? `${c.webhooks.delivery.replaceAll('_', ' ')}, ${c.webhooks.ordered ? 'in order' : 'in any order'}, signature over ${c.webhooks.signatureCovers.replaceAll('_', ' ')}`
      : 'none',
  payouts: ({ capabilities: c }) => yes(c.payouts),
  'days to settlement': ({ capabilities: c }) => String(c.settlementDelayDays ?? 'not published'),
  'requests a second': ({ capabilities: c }) => String(c.requestsPerSecond ?? 'not published'),
  'authorisation holds': ({ capabilities: c }) => duration(c.authorizationValidityMs),
};

function lookUp(of: LookUp): string {
  if (of.kind === 'none') return `none: waits for ${of.awaits}`;
  return `by ${of.by}${of.consistencyMs === 0 ? '' : `, certain after ${duration(of.consistencyMs)}`}`;
}

function windows(windowMs: Readonly<Record<string, number>>): string {
  const kinds = Map.groupBy(Object.entries(windowMs), ([, ms]) => ms);
  const said = [...kinds].map(([ms, of]) => {
    const names = of.length === Object.keys(windowMs).length ? 'all' : of.map(([kind]) => kind).join(', ');
    return `${names}: ${ms === 0 ? 'none' : duration(ms)}`;
  });
  return said.join('; ');
}

function duration(ms: number): string {
  const units: [string, number][] = [
    ['d', 24 * 3600_000],
    ['h', 3600_000],
    ['min', 60_000],
    ['s', 1000],
  ];
  const [unit, size] = units.find(([, size]) => ms >= size && ms % size === 0) ?? ['ms', 1];
  return `${ms / size} ${unit}`;
}

function faultsOf({ faults }: Results): Record<string, string> {
  const pairs = Object.entries(faults).flatMap(([operation, of]) =>
    Object.entries(of).map(([fault, result]) => [`${operation}: ${fault.replaceAll('_', ' ')}`, result]),
  );
  return Object.fromEntries(pairs);
}

function rowsOf(all: Results[], pick: (results: Results) => Record<string, string>): Rows {
  const names = [...new Set(all.flatMap((r) => Object.keys(pick(r))))];
  return Object.fromEntries(names.map((name) => [name, (r: Results) => pick(r)[name] ?? '–']));
}

function table(head: string, all: Results[], rows: Rows): string[] {
  return [
    `| ${head} | ${all.map((r) => `${r.provider} ${r.version}`).join(' | ')} |`,
    `|${' --- |'.repeat(all.length + 1)}`,
    ...Object.entries(rows).map(([name, cell]) => `| ${name} | ${all.map(cell).join(' | ')} |`),
  ];
}
