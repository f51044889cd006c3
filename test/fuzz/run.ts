/** `npm run fuzz -- [--minutes 10] [--seed n]`: the fuzzing of `npm test`, for longer and from a seed of its own. */

import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } });
const minutes = Number(values.minutes ?? 10);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error('Usage: npm run fuzz -- [--minutes 10] [--seed 1]');
  process.exit(2);
}
console.log(`seed ${seed}, ${minutes} minutes`);
const child = spawn('vitest', ['run', 'test/fuzz', '--silent=false', '--disable-console-intercept'], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_MINUTES: String(minutes), FUZZ_SEED: String(seed) },
});
child.once('error', (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
