#!/usr/bin/env node
/** The command line: one file a command, loaded when it is asked for. */

import { ConfigProblem } from '../ops/config-problem.ts';
import { Problem } from './context.ts';

const COMMANDS: Readonly<
  Record<string, { what: string; load: () => Promise<{ run(args: string[]): Promise<number> }> }>
> = {
  start: {
    what: 'everything for a first look: database, simulator, API, worker, a first payment',
    load: () => import('./start.ts'),
  },
  api: { what: 'the HTTP API', load: () => import('./api.ts') },
  worker: { what: 'the worker: resolves, expires, checkpoints, digests', load: () => import('./worker.ts') },
  simulator: { what: 'the provider simulator', load: () => import('./simulator.ts') },
  migrate: { what: 'bring the database schema up to date', load: () => import('./migrate.ts') },
  seed: { what: 'demo payments in every state', load: () => import('./seed.ts') },
  explain: { what: 'explain a payment: truepenny explain pay_…', load: () => import('./explain.ts') },
  verify: { what: 'check every invariant on the whole database', load: () => import('./verify.ts') },
  digest: {
    what: 'attest the present heads of all streams, outside the database',
    load: () => import('./digest.ts'),
  },
  webhooks: {
    what: 'what providers sent: list, show, replay',
    load: () => import('./webhooks.ts'),
  },
  connectors: {
    what: 'provider accounts: check',
    load: () => import('./connectors.ts'),
  },
  facts: {
    what: 'what a provider’s events come to, in any order: truepenny facts fold FILE',
    load: () => import('./facts.ts'),
  },
  keys: { what: 'make, list and revoke API keys', load: () => import('./keys.ts') },
};

async function main([name = 'help', ...args]: string[]): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command) return (await command.load()).run(args);
  console.log('Usage: truepenny <command>\n');
  for (const [known, { what }] of Object.entries(COMMANDS)) console.log(`  ${known.padEnd(10)} ${what}`);
  const helped = ['help', '--help', '-h'].includes(name);
  if (!helped) console.error(`\nThere is no command ${JSON.stringify(name)}.`);
  return helped ? 0 : 2;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Problem) && !(error instanceof ConfigProblem)) throw error;
  const remedy = error instanceof Problem ? error.remedy : 'Set it right, then start again.';
  console.error(`\n${error.message}\n${remedy}`);
  process.exitCode = 1;
}
