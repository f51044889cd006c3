/** `npm run test:chaos -- [--kills 200] [--seed n] [--keep]`: kills processes under load and checks what is left. */

import { parseArgs } from 'node:util';
import { keepResult } from '../support/results.ts';
import { runChaos } from './chaos.ts';

const OPTIONS = { kills: { type: 'string' }, seed: { type: 'string' }, keep: { type: 'boolean' } } as const;
const { values } = parseArgs({ options: OPTIONS });
const kills = Number(values.kills ?? 200);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (![kills, seed].every((n) => Number.isInteger(n) && n > 0)) {
  console.error('Usage: npm run test:chaos -- [--kills 200] [--seed 1] [--keep]');
  process.exit(2);
}
console.log(`seed ${seed}`);
// The first Ctrl-C ends the killing, and what is left is checked.
const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
const enough = interrupted.signal;
const report = await runChaos({ kills, seed, webhooksLost: 0.05, enough, say: console.log });
const { findings, ...numbers } = report;
console.log(JSON.stringify(numbers, null, 2));
for (const finding of findings) console.error(finding);
if (values.keep) keepResult('chaos', { ...numbers, findings: findings.length });
console.log(
  findings.length === 0 ? 'Everything held.' : `${findings.length} findings; again with --seed ${seed}`,
);
if (report.slowRecoveries > 0) console.log(`${report.slowRecoveries} recoveries took 10 s or more`);
process.exitCode = findings.length === 0 && report.slowRecoveries === 0 ? 0 : 1;
