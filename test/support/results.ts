/** Figures of a long run, kept for the pages that publish them. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../results', import.meta.url));

/** Written to `test/results/<name>-<day>.json`: with the commit and the machine, since figures mean nothing without. */
export function keepResult(name: string, figures: object): void {
  const takenAt = new Date().toISOString();
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const [cpu] = cpus();
  const load = loadavg().map((n) => Math.round(n * 10) / 10);
  const machine = { cores: cpus().length, cpu: cpu?.model ?? 'unknown', node: process.version, load };
  mkdirSync(FOLDER, { recursive: true });
  const file = `${FOLDER}/${name}-${takenAt.slice(0, 10)}.json`;
  writeFileSync(file, `${JSON.stringify({ run: name, takenAt, commit, machine, ...figures }, null, 2)}\n`);
  console.log(`kept in ${file}`);
}

export type KeptResult<T> = Omit<T, 'findings'> & {
  findings: number;
  takenAt: string;
  commit: string;
  machine: { cores: number; load: number[] };
};

/** The newest of the name; null where none was kept. */
export function newestResult<T>(name: string): KeptResult<T> | null {
  const days = (existsSync(FOLDER) ? readdirSync(FOLDER) : []).filter((file) =>
    new RegExp(`^${name}-\\d{4}-\\d{2}-\\d{2}\\.json$`).test(file),
  );
  const newest = days.sort().at(-1);
  return newest === undefined
    ? null
    : (JSON.parse(readFileSync(`${FOLDER}/${newest}`, 'utf8')) as KeptResult<T>);
}
