/** What runs have shown, kept in files that the reference page is made from. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

/** `on` is the day of the run. */
export type Kept<T> = T & { on: string };

export function keepResults(name: string, results: object): void {
  const file = fileOf(name);
  mkdirSync(new URL('.', file), { recursive: true });
  const on = new Date().toISOString().slice(0, 10);
  writeFileSync(file, `${JSON.stringify({ on, ...results }, null, 2)}\n`);
}

/** Null where no such run was kept. */
export function readResults<T>(name: string): Kept<T> | null {
  const file = fileOf(name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept<T>) : null;
}

function fileOf(name: string): URL {
  return new URL(`./results/${name}.json`, import.meta.url);
}
