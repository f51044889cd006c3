#!/usr/bin/env node
/** The command line: one file a command, loaded when it is asked for. */

import { ConfigProblem } from '../ops/config-problem.ts';
import { readArguments, refuseMore } from './arguments.ts';
import { Problem, WrongUse } from './context.ts';

type Command = {
  what: string;
  /** Takes no arguments. */
  bare?: true;
  load: () => Promise<{ run(args: string[]): Promise<number> }>;
};

const COMMANDS: Readonly<Record<string, Command>> = {
  start: {
    what: 'everything for a first look: database, simulator, API, worker, a first payment',
    bare: true,
    load: () => import('./start.ts'),
  },
  api: { what: 'the HTTP API', bare: true, load: () => import('./api.ts') },
  worker: {
    what: 'the worker: resolves, expires, checkpoints, digests',
    bare: true,
    load: () => import('./worker.ts'),
  },
  simulator: { what: 'the provider simulator', bare: true, load: () => import('./simulator.ts') },
  migrate: { what: 'bring the database schema up to date', bare: true, load: () => import('./migrate.ts') },
  seed: { what: 'demo payments in every state', bare: true, load: () => import('./seed.ts') },
  explain: { what: 'explain a payment: truepenny explain pay_…', load: () => import('./explain.ts') },
  verify: { what: 'check every invariant on the whole database', load: () => import('./verify.ts') },
  digest: {
    what: 'attest the present heads of all streams, outside the database',
    bare: true,
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

const EXIT_CODES = `Ends with 0 when all is well, 1 when something does not hold or failed, 2 when it was used wrongly and did
nothing, 130 when it was interrupted before its end.`;

async function main([name = 'help', ...args]: string[]): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command?.bare) refuseArguments(name, args);
  if (command) return (await command.load()).run(args);
  if (['help', '--help', '-h'].includes(name)) return help();
  throw new WrongUse(`There is no command ${JSON.stringify(name)}.`, 'truepenny help lists them.');
}

function refuseArguments(name: string, args: string[]): void {
  const usage = `Usage: truepenny ${name}`;
  refuseMore(readArguments(args, usage, {}).positionals, usage);
}

function help(): number {
  console.log('Usage: truepenny <command>\n');
  for (const [known, { what }] of Object.entries(COMMANDS)) console.log(`  ${known.padEnd(10)} ${what}`);
  console.log(`\n${EXIT_CODES}`);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Problem) && !(error instanceof ConfigProblem)) throw error;
  const remedy = error instanceof Problem ? error.remedy : 'Set it right, then start again.';
  console.error(`\n${error.message}\n${remedy}`);
  process.exitCode = error instanceof WrongUse ? 2 : 1;
}
