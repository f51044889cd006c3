/** `npm run test:chaos -- [--rounds 50] [--seed n]`: kills processes under load and checks what is left. */

import { parseArgs } from 'node:util';
import { runChaos } from './chaos.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string' }, seed: { type: 'string' } } });
const rounds = Number(values.rounds ?? 50);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (![rounds, seed].every((n) => Number.isInteger(n) && n > 0)) {
  console.error('Usage: npm run test:chaos -- [--rounds 50] [--seed 1]');
  process.exit(2);
}
console.log(`seed ${seed}`);
const report = await runChaos({ rounds, seed, say: console.log });
const { findings, ...numbers } = report;
console.log(JSON.stringify(numbers, null, 2));
for (const finding of findings) console.error(finding);
console.log(
  findings.length === 0 ? 'Everything held.' : `${findings.length} findings; again with --seed ${seed}`,
);
process.exitCode = findings.length === 0 ? 0 : 1;
