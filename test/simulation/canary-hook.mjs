/** Loaded before the worker: puts one canary into the one file that it breaks, while that is being loaded. */

import fs from 'node:fs/promises';
import { registerHooks, syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';

const { CANARIES, broken } = await import('./canaries.ts');
const canary = CANARIES.find(({ name }) => name === process.env.SIMULATION_CANARY);
if (canary === undefined) throw new Error(`there is no canary ${process.env.SIMULATION_CANARY}`);
const url = new URL(`../../${canary.file}`, import.meta.url).href;

registerHooks({
  load(asked, context, next) {
    const loaded = next(asked, context);
    if (asked !== url) return loaded;
    return { ...loaded, source: broken(canary, loaded.source.toString()) };
  },
});

// A migration is no module: it is broken while it is read.
if (url.endsWith('.sql')) {
  const { readFile } = fs;
  fs.readFile = async (file, encoding) => {
    const text = await readFile(file, encoding);
    return file === fileURLToPath(url) ? broken(canary, text) : text;
  };
  syncBuiltinESMExports();
}
