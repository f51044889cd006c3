/** The reference page of failures that other systems shipped, and of the tests in which they are harmless here. */

import { readFileSync } from 'node:fs';
import { table } from '../simulation/page-parts.ts';

export type Scenario = {
  /** `owner/repository#number` for an issue or a pull request, else words. */
  source: string[];
  went: string;
  here: string;
  /** A name as it is written in the file: `%s` stands for the cases of a table. */
  tests: { file: string; name: string }[];
  /** What the simulation breaks on purpose, and finds; what it makes go wrong. */
  canaries: string[];
  faults: string[];
  /** What is not there yet; null where nothing is missing. */
  later: string | null;
};
export type Subject = { subject: string; rows: Scenario[] };

export function scenarios(): Subject[] {
  return JSON.parse(readFileSync(new URL('./scenarios.json', import.meta.url), 'utf8')) as Subject[];
}

export function scenariosMarkdown(): string {
  const sections = scenarios().map(
    ({ subject, rows }) =>
      `## ${subject}\n\n${table(['what went wrong', 'what happens here', 'shown by'], rows.map(cells))}\n`,
  );
  return `# What went wrong elsewhere

Failures that real payment systems shipped, as their issues or source tell, and what shows that each does no harm here.
Each test is named as its file names it, with \`%s\` for the cases of a table, and a test checks that it is there.
*Canaries* are breakages on purpose that the [simulation](../guides/simulation.md) must find, *faults* what it makes go
wrong; [the proof](proof.md) tells what came of them. *Later* is what is not built yet, and so not shown.

${sections.join('\n')}`;
}

function cells({ source, went, here, tests, canaries, faults, later }: Scenario): string[] {
  const shown = [
    ...tests.map(
      ({ file, name }) => `[${file.split('/').slice(-2).join('/')}](../../${file}): ${plain(name)}`,
    ),
    ...named('canaries', canaries),
    ...named('faults', faults),
    ...(later === null ? [] : [`*later*: ${later}`]),
  ];
  return [`${went} ${source.map(linked).join(', ')}`, here, shown.join('<br>')];
}

function named(what: string, names: string[]): string[] {
  return names.length === 0 ? [] : [`*${what}*: ${names.map((name) => `\`${name}\``).join(', ')}`];
}

function linked(source: string): string {
  const [repository, number] = source.split('#');
  if (number === undefined) return `(${source})`;
  return `[${source}](https://github.com/${repository}/issues/${number})`;
}

/** What a table or emphasis would take for its own. */
function plain(name: string): string {
  return name.replaceAll('|', '\\|').replaceAll('*', '\\*');
}
