/** `npm run drill:failover -- [--seconds 20] [--seed n] [--keep]`: a failover under load, and what it cost. */

import { parseArgs } from 'node:util';
import { keepResult } from '../support/results.ts';
import { drillFailover } from './failover.ts';

const OPTIONS = { seconds: { type: 'string' }, seed: { type: 'string' }, keep: { type: 'boolean' } } as const;
const { values } = parseArgs({ options: OPTIONS });
const seconds = Number(values.seconds ?? 20);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!(seconds > 0) || !Number.isInteger(seed)) {
  console.error('Usage: npm run drill:failover -- [--seconds 20] [--seed 1] [--keep]');
  process.exit(2);
}
console.log(`seed ${seed}`);
const report = await drillFailover({ beforeMs: seconds * 500, noticedMs: 2_000, seed, say: console.log });
const { findings, ...numbers } = report;
console.log(JSON.stringify(numbers, null, 2));
for (const finding of findings) console.error(finding);
if (values.keep) keepResult('failover', { ...numbers, findings: findings.length });
console.log(findings.length === 0 ? 'Everything held.' : `${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;
