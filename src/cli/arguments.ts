/** What stands behind a command's name: all of it is understood, or nothing is done. */

import { type ParseArgsConfig, parseArgs } from 'node:util';
import { WrongUse } from './context.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

export function readArguments<const T extends Options>(args: string[], usage: string, options: T) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    // The first sentence names the option; the rest is on how to write one that looks like an option and is none.
    const [what = ''] = (error as Error).message.split(/\.\s/);
    throw new WrongUse(`${what}.`, usage);
  }
}

/** An option may belong to another action of the same command: there it would be ignored. */
export function refuseOptions(values: object, allowed: readonly string[], usage: string): void {
  const strange = Object.keys(values).find((name) => !allowed.includes(name));
  if (strange !== undefined) throw new WrongUse(`--${strange} does not belong here.`, usage);
}

export function refuseMore([first]: readonly string[], usage: string): void {
  if (first !== undefined) throw new WrongUse(`${JSON.stringify(first)} does not belong here.`, usage);
}
